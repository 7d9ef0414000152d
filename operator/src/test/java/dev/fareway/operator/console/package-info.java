@NullMarked
package dev.fareway.operator.console;

import org.jspecify.annotations.NullMarked;
