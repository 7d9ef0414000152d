package dev.fareway.activator.core;

/**
 * Which function a request is for: a Knative Revision, or a Service whose pods are functions.
 *
 * @param namespace its namespace
 * @param name its name
 */
public record RevisionKey(String namespace, String name) {
  public RevisionKey {
    if (namespace.isEmpty() || name.isEmpty()) {
      throw new IllegalArgumentException(
          "namespace '%s', name '%s': neither may be empty".formatted(namespace, name));
    }
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
