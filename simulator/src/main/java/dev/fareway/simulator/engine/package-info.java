/** The clock and its events: what happens when, without allocating. */
@NullMarked
package dev.fareway.simulator.engine;

import org.jspecify.annotations.NullMarked;
