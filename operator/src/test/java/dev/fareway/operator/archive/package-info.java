@NullMarked
package dev.fareway.operator.archive;

import org.jspecify.annotations.NullMarked;
