package dev.fareway.node.core;

/**
 * Which pod is meant: its name for people and the API server, and its UID, so that a later pod of
 * the same name is never taken for it.
 */
public record PodRef(String namespace, String name, String uid) {
  public PodRef {
    if (namespace.isEmpty() || name.isEmpty() || uid.isEmpty()) {
      throw new IllegalArgumentException(
          "pod '%s/%s' with UID '%s': none of them may be empty".formatted(namespace, name, uid));
    }
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
