/** What the benchmarks of all modules have in common. */
@NullMarked
package dev.fareway.bench;

import org.jspecify.annotations.NullMarked;
