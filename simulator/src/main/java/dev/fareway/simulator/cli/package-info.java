/** The verb {@code ./fareway simulate}. */
@NullMarked
package dev.fareway.simulator.cli;

import org.jspecify.annotations.NullMarked;
