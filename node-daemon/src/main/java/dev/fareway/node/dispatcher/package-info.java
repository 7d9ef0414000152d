/** The dispatcher's sessions with the operator's replicas. */
@NullMarked
package dev.fareway.node.dispatcher;

import org.jspecify.annotations.NullMarked;
