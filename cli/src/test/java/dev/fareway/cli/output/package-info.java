@NullMarked
package dev.fareway.cli.output;

import org.jspecify.annotations.NullMarked;
