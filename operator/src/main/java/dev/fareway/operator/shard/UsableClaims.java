package dev.fareway.operator.shard;

/** Port: what is known of volume claims. */
interface UsableClaims {
  /** Nothing is known of any. */
  UsableClaims NONE = (namespace, claim) -> false;

  /** Whether a claim is bound to a volume that every node can use, as far as is known. */
  boolean areUsableAnywhere(String namespace, String claim);
}
