/** The operator: hosts the shards of the global scheduler and reconciles the resources. */
@NullMarked
package dev.fareway.operator;

import org.jspecify.annotations.NullMarked;
