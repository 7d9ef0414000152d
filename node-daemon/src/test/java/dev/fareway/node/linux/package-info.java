/** Tests of the package of the same name. */
@NullMarked
package dev.fareway.node.linux;

import org.jspecify.annotations.NullMarked;
