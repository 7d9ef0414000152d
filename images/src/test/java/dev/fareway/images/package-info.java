@NullMarked
package dev.fareway.images;

import org.jspecify.annotations.NullMarked;
