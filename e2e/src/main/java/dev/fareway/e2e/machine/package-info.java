/**
 * A Linux node of its own for tests: a real kernel, run as an ordinary process by User-Mode Linux.
 */
@NullMarked
package dev.fareway.e2e.machine;

import org.jspecify.annotations.NullMarked;
