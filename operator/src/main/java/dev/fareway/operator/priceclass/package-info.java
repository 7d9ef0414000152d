/** Ranks the price classes and writes their status. */
@NullMarked
package dev.fareway.operator.priceclass;

import org.jspecify.annotations.NullMarked;
