/** Whether this replica is ready. */
@NullMarked
package dev.fareway.operator.health;

import org.jspecify.annotations.NullMarked;
