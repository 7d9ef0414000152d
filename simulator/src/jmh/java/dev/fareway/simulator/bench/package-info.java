/** How quickly the simulator works. */
@NullMarked
package dev.fareway.simulator.bench;

import org.jspecify.annotations.NullMarked;
