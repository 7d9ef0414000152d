/** The documents say what is true: their links, commands and references are checked. */
@NullMarked
package dev.fareway.e2e.docs;

import org.jspecify.annotations.NullMarked;
