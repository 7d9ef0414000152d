/** What the API server says of this node, and what the node says to it. */
@NullMarked
package dev.fareway.node.kubernetes;

import org.jspecify.annotations.NullMarked;
