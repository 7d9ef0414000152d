package dev.fareway.activator.proxy;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What happened to requests, by price class, as Prometheus reads it. */
final class ProxyMetrics {
  private static final double[] BOUNDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
  };

  private final Map<String, OfClass> classes = new HashMap<>();

  void waited(String priceClass, long nanos) {
    OfClass of = of(priceClass);
    double seconds = nanos / 1e9;
    int bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
      bucket++;
    }
    of.waits[bucket]++;
    of.waitSum += seconds;
  }

  void ended(String priceClass, Outcome outcome) {
    of(priceClass).count(outcome).value++;
  }

  void write(StringBuilder out) {
    out.append("# HELP fareway_activator_requests_total Requests that have ended.\n");
    out.append("# TYPE fareway_activator_requests_total counter\n");
    classes.forEach(
        (name, of) -> {
          for (Outcome outcome : Outcome.values()) {
            out.append("fareway_activator_requests_total{price_class=\"")
                .append(name)
                .append("\",outcome=\"")
                .append(outcome.label)
                .append("\"} ")
                .append(of.count(outcome).value)
                .append('\n');
          }
        });
    out.append("# HELP fareway_activator_wait_seconds Time from arrival to a pod.\n");
    out.append("# TYPE fareway_activator_wait_seconds histogram\n");
    classes.forEach((name, of) -> writeWaits(out, name, of));
  }

  private static void writeWaits(StringBuilder out, String name, OfClass of) {
    long sum = 0;
    for (int i = 0; i <= BOUNDS.length; i++) {
      sum += of.waits[i];
      out.append("fareway_activator_wait_seconds_bucket{price_class=\"")
          .append(name)
          .append("\",le=\"")
          .append(i == BOUNDS.length ? "+Inf" : Double.toString(BOUNDS[i]))
          .append("\"} ")
          .append(sum)
          .append('\n');
    }
    out.append(
        "fareway_activator_wait_seconds_sum{price_class=\"%s\"} %s\n"
            .formatted(name, String.format(Locale.ROOT, "%.6f", of.waitSum)));
    out.append(
        "fareway_activator_wait_seconds_count{price_class=\"%s\"} %d\n".formatted(name, sum));
  }

  private OfClass of(String priceClass) {
    OfClass of = classes.get(priceClass);
    if (of == null) {
      of = new OfClass();
      classes.put(priceClass, of);
    }
    return of;
  }

  private static final class OfClass {
    final Map<Outcome, Count> outcomes = new EnumMap<>(Outcome.class);
    final long[] waits = new long[BOUNDS.length + 1];
    double waitSum;

    Count count(Outcome outcome) {
      return outcomes.computeIfAbsent(outcome, _ -> new Count());
    }
  }

  /** A number that grows without an object each time. */
  private static final class Count {
    long value;
  }
}
