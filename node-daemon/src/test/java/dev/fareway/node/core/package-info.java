/** Tests of the package of the same name. */
@NullMarked
package dev.fareway.node.core;

import org.jspecify.annotations.NullMarked;
