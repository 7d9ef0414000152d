/**
 * What the API server says of pods and nodes, read into the values that the scheduler decides on.
 * Pure functions.
 */
@NullMarked
package dev.fareway.scheduler.kubernetes;

import org.jspecify.annotations.NullMarked;
