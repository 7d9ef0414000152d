/** Benchmarks of the node daemon from outside, on this machine. */
@NullMarked
package dev.fareway.e2e.bench;

import org.jspecify.annotations.NullMarked;
