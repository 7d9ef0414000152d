@NullMarked
package dev.fareway.e2e.cluster;

import org.jspecify.annotations.NullMarked;
