package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;

/** Writes on the Node what is in force: the condition {@code FarewayEnforcement}. */
public final class NodeConditionWriter {
  /** Type of the condition. */
  public static final String TYPE = "FarewayEnforcement";

  private final ApiClient client;
  private final String path;
  private final Clock clock;

  public NodeConditionWriter(ApiClient client, String node, Clock clock) {
    this.client = client;
    this.path = "/api/v1/nodes/" + ApiClient.encoded(node);
    this.clock = clock;
  }

  /**
   * Writes the condition once, and touches no other: the kubelet writes its own into the same list.
   *
   * @throws IOException if the API server does not take it, or there is no such node
   */
  public void write(boolean inForce, String reason, String message) throws IOException {
    NodeConditions now = client.get(path, NodeConditions::read);
    String time = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    String status = inForce ? "True" : "False";
    Json.Writer condition =
        out -> {
          out.writeStartObject();
          out.writeStringField("type", TYPE);
          out.writeStringField("status", status);
          out.writeStringField("reason", reason);
          out.writeStringField("message", message);
          out.writeStringField("lastHeartbeatTime", time);
          out.writeStringField(
              "lastTransitionTime", status.equals(now.status) ? now.transition : time);
          out.writeEndObject();
        };
    client.send(
        "PATCH",
        path + "/status",
        ApiClient.JSON_PATCH,
        Json.bytes(
            out -> {
              out.writeStartArray();
              steps(out, now, condition);
              out.writeEndArray();
            }));
  }

  /**
   * Takes the condition off the Node, if it is there.
   *
   * @throws IOException if the API server does not take it, or there is no such node
   */
  public void remove() throws IOException {
    NodeConditions now = client.get(path, NodeConditions::read);
    if (now.index < 0) {
      return;
    }
    String place = "/status/conditions/" + now.index;
    client.send(
        "PATCH",
        path + "/status",
        ApiClient.JSON_PATCH,
        Json.bytes(
            out -> {
              out.writeStartArray();
              step(out, "test", place + "/type", value -> value.writeString(TYPE));
              out.writeStartObject();
              out.writeStringField("op", "remove");
              out.writeStringField("path", place);
              out.writeEndObject();
              out.writeEndArray();
            }));
  }

  /** Guarded by the type at its place: the list may have changed since it was read. */
  private static void steps(JsonGenerator out, NodeConditions now, Json.Writer condition)
      throws IOException {
    String place = "/status/conditions/" + now.index;
    if (!now.hasStatus) {
      step(
          out,
          "add",
          "/status",
          _ -> {
            out.writeStartObject();
            out.writeArrayFieldStart("conditions");
            condition.write(out);
            out.writeEndArray();
            out.writeEndObject();
          });
    } else if (now.count == 0) {
      step(
          out,
          "add",
          "/status/conditions",
          _ -> {
            out.writeStartArray();
            condition.write(out);
            out.writeEndArray();
          });
    } else if (now.index < 0) {
      step(out, "add", "/status/conditions/-", condition);
    } else {
      step(out, "test", place + "/type", _ -> out.writeString(TYPE));
      step(out, "replace", place, condition);
    }
  }

  private static void step(JsonGenerator out, String operation, String path, Json.Writer value)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("op", operation);
    out.writeStringField("path", path);
    out.writeFieldName("value");
    value.write(out);
    out.writeEndObject();
  }

  /** The conditions that a node has, and where ours is among them. */
  private static final class NodeConditions {
    private boolean hasStatus;
    private int count;
    private int index = -1;
    private String status = "";
    private String transition = "";

    static NodeConditions read(JsonParser at) throws IOException {
      var conditions = new NodeConditions();
      Json.object(
          at,
          (field, value) -> {
            if (field.equals("status")) {
              conditions.hasStatus = true;
              Json.object(
                  value,
                  (name, list) -> {
                    if (name.equals("conditions")) {
                      Json.array(list, conditions::condition);
                    }
                  });
            }
          });
      return conditions;
    }

    private void condition(JsonParser at) throws IOException {
      String[] of = {"", "", ""};
      Json.object(
          at,
          (field, value) -> {
            switch (field) {
              case "type" -> of[0] = Json.textOrEmpty(value);
              case "status" -> of[1] = Json.textOrEmpty(value);
              case "lastTransitionTime" -> of[2] = Json.textOrEmpty(value);
              default -> {}
            }
          });
      if (of[0].equals(TYPE)) {
        index = count;
        status = of[1];
        transition = of[2];
      }
      count++;
    }
  }
}
