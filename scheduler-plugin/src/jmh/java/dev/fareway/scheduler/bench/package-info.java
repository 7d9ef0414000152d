/** Benchmarks of the scheduler's core. */
@NullMarked
package dev.fareway.scheduler.bench;

import org.jspecify.annotations.NullMarked;
