/** Simulated machines: their cores, memory and schedulers. */
@NullMarked
package dev.fareway.simulator.machine;

import org.jspecify.annotations.NullMarked;
