package dev.fareway.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads from an API server, as the user that the kubeconfig names. */
public interface ClusterReader extends AutoCloseable {
  /** The namespace that the context names, else {@code default}. */
  String contextNamespace();

  /**
   * One object.
   *
   * @param path such as {@code /api/v1/nodes/worker-1}
   * @throws ClusterFailure if it can't be read
   */
  JsonNode get(String path);

  /**
   * One object; empty if there is none.
   *
   * @throws ClusterFailure if it can't be read for another reason
   */
  default Optional<JsonNode> find(String path) {
    try {
      return Optional.of(get(path));
    } catch (ClusterFailure e) {
      if (e.kind() == ClusterFailure.Kind.NOT_THERE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * All items of a collection, a page at a time, so that memory stays bounded by a page.
   *
   * @param path such as {@code /api/v1/pods}, with a query or without
   * @throws ClusterFailure if it can't be read
   */
  void list(String path, Consumer<JsonNode> item);

  /** Lets go of connections. */
  @Override
  void close();
}
