/** The activator's stream to the operator. */
@NullMarked
package dev.fareway.activator.operator;

import org.jspecify.annotations.NullMarked;
