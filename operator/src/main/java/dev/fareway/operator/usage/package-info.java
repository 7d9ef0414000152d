/** What the nodes have metered, added up over all of them. */
@NullMarked
package dev.fareway.operator.usage;

import org.jspecify.annotations.NullMarked;
