@NullMarked
package dev.fareway.node.meter;

import org.jspecify.annotations.NullMarked;
