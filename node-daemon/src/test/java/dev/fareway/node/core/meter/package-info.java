@NullMarked
package dev.fareway.node.core.meter;

import org.jspecify.annotations.NullMarked;
