package dev.fareway.operator.shard;

/**
 * A pod, by what is needed to write to it.
 *
 * @param uid keeps a later pod of the same name from being taken for it
 */
record PodRef(String namespace, String name, String uid) {
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
