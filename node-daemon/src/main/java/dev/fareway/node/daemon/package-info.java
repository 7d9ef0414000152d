/** The program: options, start, stop, status page. */
@NullMarked
package dev.fareway.node.daemon;

import org.jspecify.annotations.NullMarked;
