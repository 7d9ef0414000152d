/** The meter at work: reads pods' cgroups, keeps its state, writes the node's usage. */
@NullMarked
package dev.fareway.node.meter;

import org.jspecify.annotations.NullMarked;
