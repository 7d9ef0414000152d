/** Fareway e2e. */
@NullMarked
package dev.fareway.e2e;

import org.jspecify.annotations.NullMarked;
