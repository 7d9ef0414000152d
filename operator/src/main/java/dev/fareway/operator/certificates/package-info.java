/** The certificates of the operator's ports: made, rotated, published. */
@NullMarked
package dev.fareway.operator.certificates;

import org.jspecify.annotations.NullMarked;
