/**
 * The meter: counters of cgroups in, charges by namespace, function and class out. No clock, no
 * input or output.
 */
@NullMarked
package dev.fareway.node.core.meter;

import org.jspecify.annotations.NullMarked;
