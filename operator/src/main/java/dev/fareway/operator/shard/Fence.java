package dev.fareway.operator.shard;

/** Says of each shard whether this replica may still place for it: before every step. */
interface Fence {
  /** No replica but this one: a shard once held stays. */
  Fence NONE = _ -> true;

  /** Whether the Lease of a shard that is held here is sure not to be another's. */
  boolean mayPlace(int shard);
}
