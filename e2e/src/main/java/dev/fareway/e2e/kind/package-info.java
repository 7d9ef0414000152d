/** {@code ./fareway e2e}: a cluster with containers, the images on it, and the suite run on it. */
@NullMarked
package dev.fareway.e2e.kind;

import org.jspecify.annotations.NullMarked;
