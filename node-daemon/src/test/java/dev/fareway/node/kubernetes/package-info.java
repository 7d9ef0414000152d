/** Tests of the package of the same name. */
@NullMarked
package dev.fareway.node.kubernetes;

import org.jspecify.annotations.NullMarked;
