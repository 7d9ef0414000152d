/** Traces of real platforms: reading their files, and invoking again what they recorded. */
@NullMarked
package dev.fareway.simulator.trace;

import org.jspecify.annotations.NullMarked;
