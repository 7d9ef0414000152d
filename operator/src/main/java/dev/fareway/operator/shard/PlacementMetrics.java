package dev.fareway.operator.shard;

import dev.fareway.scheduler.core.PlacementSink;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The scheduler's metrics, names beginning with {@code fareway_}. */
@ApplicationScoped
public class PlacementMetrics {
  private final MeterRegistry registry;
  private final Map<String, AtomicInteger> gauges = new ConcurrentHashMap<>();

  PlacementMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void placed(String priceClass, PlacementSink.How how) {
    registry
        .counter(
            "fareway.placements",
            "price_class",
            priceClass,
            "how",
            how.name().toLowerCase(Locale.ROOT))
        .increment();
  }

  /** From creation to bound. */
  void waited(String priceClass, long nanos) {
    Timer.builder("fareway.placement.wait")
        .description("Time from a pod's creation to its binding")
        .tag("price_class", priceClass)
        .publishPercentileHistogram()
        .register(registry)
        .record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  void bound(Binder.Outcome outcome, long nanos) {
    Timer.builder("fareway.bind")
        .description("Time that the API server takes for a binding")
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .publishPercentileHistogram()
        .register(registry)
        .record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  void poll(String outcome) {
    registry.counter("fareway.polls", "outcome", outcome).increment();
  }

  void queue(String priceClass, int length) {
    gauge("fareway.queue.length", "price_class", priceClass).set(length);
  }

  void idleList(int shard, int nodes) {
    gauge("fareway.idle.list.nodes", "shard", Integer.toString(shard)).set(nodes);
  }

  private AtomicInteger gauge(String name, String tag, String value) {
    return gauges.computeIfAbsent(
        name + "/" + value,
        _ -> {
          var gauge = new AtomicInteger();
          io.micrometer.core.instrument.Gauge.builder(name, gauge, AtomicInteger::get)
              .tag(tag, value)
              .register(registry);
          return gauge;
        });
  }
}
