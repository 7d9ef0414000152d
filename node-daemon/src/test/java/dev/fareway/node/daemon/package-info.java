/** Tests of the package of the same name. */
@NullMarked
package dev.fareway.node.daemon;

import org.jspecify.annotations.NullMarked;
