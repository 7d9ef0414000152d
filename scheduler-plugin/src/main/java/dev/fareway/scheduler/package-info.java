/** Fareway scheduler-plugin. */
@NullMarked
package dev.fareway.scheduler;

import org.jspecify.annotations.NullMarked;
