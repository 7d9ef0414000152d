/**
 * The functions that the demo runs: HTTP servers that burn as much CPU time as they are asked to.
 */
@NullMarked
package dev.fareway.e2e.function;

import org.jspecify.annotations.NullMarked;
