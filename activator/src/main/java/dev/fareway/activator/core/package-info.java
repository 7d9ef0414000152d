/**
 * The activator's decisions: which request goes next, to which pod, in which class, and which is
 * turned away. Pure: no I/O, no clock, no random source of its own. Times are nanoseconds of one
 * clock that only goes forward, unless they say otherwise.
 */
@NullMarked
package dev.fareway.activator.core;

import org.jspecify.annotations.NullMarked;
