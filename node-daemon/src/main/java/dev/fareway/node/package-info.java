/** Fareway node-daemon. */
@NullMarked
package dev.fareway.node;

import org.jspecify.annotations.NullMarked;
