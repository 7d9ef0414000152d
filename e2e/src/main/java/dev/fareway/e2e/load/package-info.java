/**
 * The open-loop load generator: seeded arrivals and run times, sent when they are due whatever came
 * back, measured from when they were due.
 */
@NullMarked
package dev.fareway.e2e.load;

import org.jspecify.annotations.NullMarked;
