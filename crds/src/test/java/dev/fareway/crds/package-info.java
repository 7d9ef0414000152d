@NullMarked
package dev.fareway.crds;

import org.jspecify.annotations.NullMarked;
