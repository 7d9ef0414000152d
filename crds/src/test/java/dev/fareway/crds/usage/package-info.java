@NullMarked
package dev.fareway.crds.usage;

import org.jspecify.annotations.NullMarked;
