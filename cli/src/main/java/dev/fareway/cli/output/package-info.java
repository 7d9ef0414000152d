/** Tables, JSON and CSV. Pure functions. */
@NullMarked
package dev.fareway.cli.output;

import org.jspecify.annotations.NullMarked;
