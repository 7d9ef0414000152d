/** The archive: what is kept of past months' usage, and for how long. */
@NullMarked
package dev.fareway.operator.archive;

import org.jspecify.annotations.NullMarked;
