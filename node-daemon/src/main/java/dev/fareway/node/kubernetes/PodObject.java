package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.fareway.crds.BudgetMark;
import dev.fareway.node.core.PodRef;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a pod.
 *
 * @param priceClass that it names itself; empty if none
 * @param budget what the operator says of its budgets
 */
record PodObject(
    PodRef ref,
    String function,
    String priceClass,
    String schedulerName,
    boolean livenessProbed,
    BudgetMark budget,
    Map<String, String> containerNames) {
  PodObject {
    containerNames = Map.copyOf(containerNames);
  }

  static Reflector.Item<PodObject> read(JsonParser at) throws IOException {
    var metadata = new Metadata();
    var pod = new Fields();
    Json.object(
        at,
        (field, value) -> {
          switch (field) {
            case "metadata" -> metadata.read(value);
            case "spec" -> Json.object(value, pod::spec);
            case "status" -> Json.object(value, pod::status);
            default -> {}
          }
        });
    // A bookmark is a pod without a name.
    boolean kept = !pod.ended && !metadata.uid.isEmpty() && !metadata.name.isEmpty();
    return new Reflector.Item<>(
        metadata.uid,
        metadata.version,
        kept
            ? new PodObject(
                new PodRef(metadata.namespace, metadata.name, metadata.uid),
                metadata.function(),
                metadata.priceClass(),
                pod.schedulerName,
                pod.livenessProbed,
                BudgetMark.parse(metadata.budget),
                pod.containerNames)
            : null);
  }

  private static final class Fields {
    private String schedulerName = "";
    private boolean livenessProbed;
    private boolean ended;
    private final Map<String, String> containerNames = new HashMap<>();

    void spec(String field, JsonParser value) throws IOException {
      switch (field) {
        case "schedulerName" -> schedulerName = Json.textOrEmpty(value);
        // Sidecars are init containers, and may be probed.
        case "containers", "initContainers" ->
            Json.array(
                value,
                container ->
                    Json.object(
                        container,
                        (name, part) ->
                            livenessProbed |=
                                name.equals("livenessProbe")
                                    && part.currentToken() == JsonToken.START_OBJECT));
        default -> {}
      }
    }

    void status(String field, JsonParser value) throws IOException {
      switch (field) {
        case "phase" -> {
          String phase = Json.textOrEmpty(value);
          ended = phase.equals("Succeeded") || phase.equals("Failed");
        }
        case "containerStatuses", "initContainerStatuses" -> Json.array(value, this::container);
        default -> {}
      }
    }

    private void container(JsonParser at) throws IOException {
      var container =
          new Object() {
            @Nullable String id;
            @Nullable String name;
          };
      Json.object(
          at,
          (field, value) -> {
            switch (field) {
              case "containerID" -> container.id = Json.text(value);
              case "name" -> container.name = Json.text(value);
              default -> {}
            }
          });
      if (container.id != null) {
        // As <runtime>://<id>.
        containerNames.put(
            container.id.substring(container.id.lastIndexOf('/') + 1),
            Objects.requireNonNullElse(container.name, ""));
      }
    }
  }
}
