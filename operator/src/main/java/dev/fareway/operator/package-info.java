/** Fareway operator. */
@NullMarked
package dev.fareway.operator;

import org.jspecify.annotations.NullMarked;
