/** The program kubectl-fareway. */
@NullMarked
package dev.fareway.cli;

import org.jspecify.annotations.NullMarked;
