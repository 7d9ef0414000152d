/** Hosts the shards: pods and nodes in, bindings out. */
@NullMarked
package dev.fareway.operator.shard;

import org.jspecify.annotations.NullMarked;
