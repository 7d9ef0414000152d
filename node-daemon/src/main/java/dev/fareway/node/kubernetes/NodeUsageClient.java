package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import dev.fareway.crds.Fareway;
import dev.fareway.node.core.UsageStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Keeps a month's counters in the node's {@code NodeUsage} by server-side apply, so that other
 * fields of it stay whoever sets them.
 */
public final class NodeUsageClient implements UsageStore {
  private static final String API_VERSION = Fareway.GROUP + "/" + Fareway.VERSION;

  private final ApiClient client;
  private final String node;

  public NodeUsageClient(ApiClient client, String node) {
    this.client = client;
    this.node = node;
  }

  @Override
  public Stored read(String month) {
    try {
      return client.get(path(month), NodeUsageClient::stored);
    } catch (ApiException e) {
      return e.code() == ApiException.NOT_FOUND
          ? new Stored.Absent()
          : new Stored.Unknown(String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      return new Stored.Unknown(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Written write(String month, List<Usage> usage) {
    try {
      try {
        apply(path(month) + "/status", status(month, usage));
      } catch (ApiException e) {
        if (e.code() != ApiException.NOT_FOUND) {
          throw e;
        }
        apply(path(month), spec(month));
        apply(path(month) + "/status", status(month, usage));
      }
      return new Written.Done();
    } catch (ApiException e) {
      return new Written.Failed(
          e.mayPass() || e.code() == ApiException.NOT_FOUND, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Written.Failed(true, String.valueOf(e.getMessage()));
    }
  }

  private String name(String month) {
    return node + "." + month;
  }

  private String path(String month) {
    return "/apis/%s/nodeusages/%s".formatted(API_VERSION, ApiClient.encoded(name(month)));
  }

  private void apply(String path, byte[] object) throws IOException {
    client.send(
        "PATCH",
        path + "?force=true&fieldManager=" + ApiClient.COMPONENT,
        ApiClient.APPLY_PATCH,
        object);
  }

  private byte[] spec(String month) {
    return object(
        month,
        out -> {
          out.writeObjectFieldStart("spec");
          out.writeStringField("node", node);
          out.writeStringField("month", month);
          out.writeEndObject();
        });
  }

  private byte[] status(String month, List<Usage> usage) {
    return object(
        month,
        out -> {
          out.writeObjectFieldStart("status");
          out.writeArrayFieldStart("usage");
          for (Usage of : usage) {
            out.writeStartObject();
            out.writeStringField("namespace", of.namespace());
            out.writeStringField("function", of.function());
            out.writeStringField("priceClass", of.priceClass());
            out.writeNumberField("cpuNanos", of.cpuNanos());
            out.writeNumberField("memoryByteSeconds", of.memoryByteSeconds());
            out.writeNumberField("costNanoUnits", of.costNanoUnits());
            out.writeEndObject();
          }
          out.writeEndArray();
          out.writeEndObject();
        });
  }

  private byte[] object(String month, Json.Writer rest) {
    return Json.bytes(
        out -> {
          out.writeStartObject();
          out.writeStringField("apiVersion", API_VERSION);
          out.writeStringField("kind", "NodeUsage");
          out.writeObjectFieldStart("metadata");
          out.writeStringField("name", name(month));
          out.writeEndObject();
          rest.write(out);
          out.writeEndObject();
        });
  }

  private static Stored stored(JsonParser at) throws IOException {
    var usage = new ArrayList<Usage>();
    Json.object(
        at,
        (field, value) -> {
          if (field.equals("status")) {
            Json.object(
                value,
                (name, list) -> {
                  if (name.equals("usage")) {
                    Json.array(list, element -> usage.add(usage(element)));
                  }
                });
          }
        });
    return new Stored.Found(usage);
  }

  private static Usage usage(JsonParser at) throws IOException {
    String[] names = {"", "", ""};
    long[] counters = new long[3];
    Json.object(
        at,
        (field, value) -> {
          switch (field) {
            case "namespace" -> names[0] = Json.textOrEmpty(value);
            case "function" -> names[1] = Json.textOrEmpty(value);
            case "priceClass" -> names[2] = Json.textOrEmpty(value);
            case "cpuNanos" -> counters[0] = counter(value);
            case "memoryByteSeconds" -> counters[1] = counter(value);
            case "costNanoUnits" -> counters[2] = counter(value);
            default -> {}
          }
        });
    return new Usage(names[0], names[1], names[2], counters[0], counters[1], counters[2]);
  }

  private static long counter(JsonParser at) throws IOException {
    return Objects.requireNonNullElse(Json.number(at), 0L);
  }
}
