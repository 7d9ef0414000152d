/** Tests of the package of the same name. */
@NullMarked
package dev.fareway.node.dispatcher;

import org.jspecify.annotations.NullMarked;
