package dev.fareway.e2e.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.e2e.load.Phase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The demo's result for programs, {@code report.json}; its schema is the resource {@code
 * report.schema.json} beside this class.
 *
 * <p>The figures of a class stand for the spike; those of every phase, and of the whole run, are
 * under {@code phases} beside them.
 */
final class ReportJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ReportJson() {}

  static byte[] of(DemoResult result) {
    try {
      return MAPPER.writeValueAsBytes(tree(result));
    } catch (IOException e) {
      throw new UncheckedIOException("a tree in memory can't be written as JSON", e);
    }
  }

  private static ObjectNode tree(DemoResult result) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("seed", result.seed());
    root.put("cores", result.cores());
    root.put("apiServer", result.apiServer());
    root.put("phase", result.spike().name());
    ArrayNode phases = root.putArray("phases");
    for (Phase phase : result.phases()) {
      phases
          .addObject()
          .put("name", phase.name())
          .put("seconds", phase.millis() / (double) TimeUnit.SECONDS.toMillis(1));
    }
    putVerdict(root.putObject("verdict"), result.verdict());
    root.putObject("enforcement")
        .put("mode", result.farewayEnforcement().mode())
        .put("message", result.farewayEnforcement().message())
        .put("crowded", result.crowdedEnforcement().mode());
    ArrayNode classes = root.putArray("classes");
    for (PricedFunction function : result.functions()) {
      putClass(classes.addObject(), result, function);
    }
    ObjectNode generator = root.putObject("loadGenerator");
    for (RunKind kind : RunKind.values()) {
      Run run = result.run(kind);
      ObjectNode node = generator.putObject(key(kind));
      node.put("priority", run.generator());
      putFigure(node, "lateP99Ms", run.lateMs(99));
      putFigure(node, "latestMs", run.lateMs(100));
    }
    ArrayNode placements = root.putArray("placements");
    for (Placement placement : result.placements()) {
      placements
          .addObject()
          .put("pod", placement.pod())
          .put("function", placement.function())
          .put("priceClass", placement.priceClass())
          .put("node", placement.node());
    }
    return root;
  }

  private static void putVerdict(ObjectNode node, Verdict verdict) {
    node.put("class", verdict.priceClass());
    putFigure(node, "timesBetterThanCrowded", verdict.gain());
    putFigure(node, "timesAsLongAsUnloaded", verdict.slowdown());
    node.put("requests", verdict.requests());
    node.put("errors", verdict.errors());
    node.put("holds", verdict.holds());
    node.put("sentence", verdict.sentence());
  }

  private static void putClass(ObjectNode node, DemoResult result, PricedFunction function) {
    String name = function.priceClass();
    node.put("name", name);
    node.put("function", function.function());
    node.put("pricePerCpuSecond", function.pricePerCpuSecond());
    for (RunKind kind : RunKind.values()) {
      Run run = result.run(kind);
      if (!run.has(name)) {
        node.putNull(key(kind));
        continue;
      }
      ObjectNode figures = node.putObject(key(kind));
      putLatency(figures, Latency.of(run.of(name, result.spike())));
      ObjectNode phases = figures.putObject("phases");
      for (Phase phase : result.phases()) {
        putLatency(phases.putObject(phase.name()), Latency.of(run.of(name, phase)));
      }
      putLatency(phases.putObject("whole"), Latency.of(run.of(name)));
    }
  }

  private static void putLatency(ObjectNode node, Latency latency) {
    putFigure(node, "p50Ms", latency.p50Ms());
    putFigure(node, "p95Ms", latency.p95Ms());
    putFigure(node, "p99Ms", latency.p99Ms());
    node.put("requests", latency.requests());
    node.put("errors", latency.errors());
  }

  /** JSON knows no NaN: what can't be told is null. Three decimals: microseconds. */
  private static void putFigure(ObjectNode node, String key, double value) {
    if (Double.isFinite(value)) {
      node.put(key, Math.round(value * 1000) / 1000.0);
    } else {
      node.putNull(key);
    }
  }

  private static String key(RunKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
