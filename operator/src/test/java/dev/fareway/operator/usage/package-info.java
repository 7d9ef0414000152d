@NullMarked
package dev.fareway.operator.usage;

import org.jspecify.annotations.NullMarked;
