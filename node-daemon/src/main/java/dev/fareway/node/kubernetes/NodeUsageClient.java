package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import dev.fareway.crds.Fareway;
import dev.fareway.node.core.meter.Amounts;
import dev.fareway.node.core.meter.UsageKey;
import dev.fareway.node.core.meter.UsageStore;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
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
  public Stored read(String month, int page) {
    try {
      return new Stored.Found(client.get(path(month, page), NodeUsageClient::stored));
    } catch (ApiException e) {
      return e.code() == ApiException.NOT_FOUND
          ? new Stored.Absent()
          : new Stored.Unknown(String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      return new Stored.Unknown(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Written write(String month, int page, Page content) {
    try {
      byte[] status = status(month, page, content);
      try {
        apply(path(month, page) + "/status", status);
      } catch (ApiException e) {
        if (e.code() != ApiException.NOT_FOUND) {
          throw e;
        }
        apply(path(month, page), spec(month, page));
        apply(path(month, page) + "/status", status);
      }
      return new Written.Done();
    } catch (ApiException e) {
      return new Written.Failed(
          e.mayPass() || e.code() == ApiException.NOT_FOUND, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Written.Failed(true, String.valueOf(e.getMessage()));
    }
  }

  /** As the resource's own rule has it. */
  private String name(String month, int page) {
    return node + "." + month + (page == 0 ? "" : "." + page);
  }

  private String path(String month, int page) {
    return "/apis/%s/nodeusages/%s".formatted(API_VERSION, ApiClient.encoded(name(month, page)));
  }

  private void apply(String path, byte[] object) throws IOException {
    client.send(
        "PATCH",
        path + "?force=true&fieldManager=" + ApiClient.COMPONENT,
        ApiClient.APPLY_PATCH,
        object);
  }

  private byte[] spec(String month, int page) {
    return object(
        month,
        page,
        out -> {
          out.writeObjectFieldStart("spec");
          out.writeStringField("node", node);
          out.writeStringField("month", month);
          out.writeNumberField("page", page);
          out.writeEndObject();
        });
  }

  private byte[] status(String month, int page, Page content) {
    return object(
        month,
        page,
        out -> {
          out.writeObjectFieldStart("status");
          out.writeNumberField("sequence", content.sequence());
          out.writeArrayFieldStart("usage");
          for (var usage : content.usage().entrySet()) {
            UsageKey key = usage.getKey();
            Amounts of = usage.getValue();
            out.writeStartObject();
            out.writeStringField("namespace", key.namespace());
            out.writeStringField("function", key.function());
            out.writeStringField("priceClass", key.priceClass());
            out.writeNumberField("cpuNanos", of.cpuNanos());
            out.writeNumberField("memoryByteSeconds", of.memoryByteSeconds());
            out.writeNumberField("costNanoUnits", of.cost());
            out.writeNumberField("memoryCostNanoUnits", of.memoryCost());
            out.writeNumberField("cpuCostRemainder", of.cpuRemainder());
            out.writeNumberField("memoryCostRemainder", of.memoryRemainder());
            out.writeEndObject();
          }
          out.writeEndArray();
          out.writeEndObject();
        });
  }

  private byte[] object(String month, int page, Json.Writer rest) {
    return Json.bytes(
        out -> {
          out.writeStartObject();
          out.writeStringField("apiVersion", API_VERSION);
          out.writeStringField("kind", "NodeUsage");
          out.writeObjectFieldStart("metadata");
          out.writeStringField("name", name(month, page));
          out.writeEndObject();
          rest.write(out);
          out.writeEndObject();
        });
  }

  private static Page stored(JsonParser at) throws IOException {
    var usage = new LinkedHashMap<UsageKey, Amounts>();
    long[] sequence = {0};
    Json.object(
        at,
        (field, value) -> {
          if (field.equals("status")) {
            Json.object(
                value,
                (name, content) -> {
                  switch (name) {
                    case "sequence" -> sequence[0] = counter(content);
                    case "usage" -> Json.array(content, element -> usage(element, usage));
                    default -> {}
                  }
                });
          }
        });
    return new Page(sequence[0], usage);
  }

  private static void usage(JsonParser at, Map<UsageKey, Amounts> into) throws IOException {
    String[] names = {"", "", ""};
    long[] counters = new long[6];
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
            case "memoryCostNanoUnits" -> counters[3] = counter(value);
            case "cpuCostRemainder" -> counters[4] = counter(value);
            case "memoryCostRemainder" -> counters[5] = counter(value);
            default -> {}
          }
        });
    into.put(
        new UsageKey(names[0], names[1], names[2]),
        new Amounts(
            counters[0],
            counters[1],
            counters[2] - counters[3],
            counters[4],
            counters[3],
            counters[5]));
  }

  private static long counter(JsonParser at) throws IOException {
    return Objects.requireNonNullElse(Json.number(at), 0L);
  }
}
