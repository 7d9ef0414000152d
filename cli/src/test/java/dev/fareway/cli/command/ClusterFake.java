package dev.fareway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.cli.cluster.ClusterFailure;
import dev.fareway.cli.cluster.ClusterFailure.Kind;
import dev.fareway.cli.cluster.ClusterReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A cluster that knows what stands in a file, by path; and refuses what it is told to. */
final class ClusterFake implements ClusterReader {
  private final ObjectNode byPath;
  private final TreeMap<String, ClusterFailure> refused = new TreeMap<>();

  private ClusterFake(ObjectNode byPath) {
    this.byPath = byPath;
  }

  static ClusterFake ofFile() {
    try (var in =
        Objects.requireNonNull(
            ClusterFake.class.getResourceAsStream("/dev/fareway/cli/cluster.json"))) {
      return new ClusterFake((ObjectNode) new ObjectMapper().readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on every path that begins so is refused. */
  ClusterFake refusing(String path, Kind kind, String message) {
    refused.put(path, new ClusterFailure(kind, message));
    return this;
  }

  /** There is nothing at a path any more. */
  ClusterFake without(String path) {
    byPath.remove(path);
    return this;
  }

  @Override
  public String contextNamespace() {
    return "shop";
  }

  @Override
  public JsonNode get(String path) {
    refused.forEach(
        (prefix, failure) -> {
          if (path.startsWith(prefix)) {
            throw failure;
          }
        });
    JsonNode found = byPath.get(path);
    if (found == null) {
      throw new ClusterFailure(Kind.NOT_THERE, "There is nothing at " + path + ".");
    }
    return found;
  }

  @Override
  public void list(String path, Consumer<JsonNode> item) {
    get(path).path("items").forEach(item);
  }

  @Override
  public void close() {}
}
