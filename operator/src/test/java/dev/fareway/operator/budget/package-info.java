@NullMarked
package dev.fareway.operator.budget;

import org.jspecify.annotations.NullMarked;
