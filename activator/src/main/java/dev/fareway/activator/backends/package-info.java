/** Which pods each function has, and which of them answer. */
@NullMarked
package dev.fareway.activator.backends;

import org.jspecify.annotations.NullMarked;
