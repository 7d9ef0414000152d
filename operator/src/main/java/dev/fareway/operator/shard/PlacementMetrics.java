package dev.fareway.operator.shard;

import dev.fareway.scheduler.core.PlacementSink;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The scheduler's metrics, names beginning with {@code fareway_}. */
@ApplicationScoped
public class PlacementMetrics {
  private final MeterRegistry registry;
  private final Counter decisionCounter;

  /** By class, and outcome: what is recorded with every decision is not looked up by its tags. */
  private final Map<String, Timer> decisions = new ConcurrentHashMap<>();

  private final Map<String, Timer> waits = new ConcurrentHashMap<>();
  private final Map<Binder.Outcome, Map<String, Timer>> bindings = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> gauges = new ConcurrentHashMap<>();

  PlacementMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.decisionCounter = registry.counter("fareway.decisions");
    // There from the start, at zero: of a counter that appears with its first event, an alert sees
    // no rise.
    registry.counter("fareway.conflicts");
    registry.counter("fareway.retries");
    for (String outcome : List.of("answered", "late", "silent", "unreachable")) {
      registry.counter("fareway.polls", "outcome", outcome);
    }
    for (Outside.Eviction outcome : Outside.Eviction.values()) {
      registry.counter("fareway.evictions", "outcome", outcome.name().toLowerCase(Locale.ROOT));
    }
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
    waits
        .computeIfAbsent(
            priceClass,
            _ ->
                Timer.builder("fareway.placement.wait")
                    .description("Time from a pod's creation to its binding")
                    .tag("price_class", priceClass)
                    .publishPercentileHistogram()
                    .register(registry))
        .record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  void bound(String priceClass, Binder.Outcome outcome, long nanos) {
    switch (outcome) {
      case BOUND -> {}
      case REFUSED -> registry.counter("fareway.conflicts").increment();
      case FAILED -> registry.counter("fareway.retries").increment();
    }
    bindings
        .computeIfAbsent(outcome, _ -> new ConcurrentHashMap<>())
        .computeIfAbsent(
            priceClass,
            _ ->
                Timer.builder("fareway.bind")
                    .description("Time that the API server takes for a binding")
                    .tag("price_class", priceClass)
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .publishPercentileHistogram()
                    .register(registry))
        .record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  /**
   * A decision: a node was chosen, or others that are to leave one, or it was found that none will
   * do.
   *
   * @param nanos since the instance was taken from its queue, the wait for polls included
   */
  void decided(String priceClass, long nanos) {
    decisions
        .computeIfAbsent(
            priceClass,
            _ ->
                Timer.builder("fareway.decision")
                    .description(
                        "Time for one placement decision, the wait for polled nodes included")
                    .tag("price_class", priceClass)
                    .publishPercentileHistogram()
                    .register(registry))
        .record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    decisionCounter.increment();
  }

  /** Who paid for whom. */
  void preempted(String priceClass, String victimClass) {
    registry
        .counter("fareway.preemptions", "price_class", priceClass, "victim_class", victimClass)
        .increment();
  }

  void evicted(Outside.Eviction outcome) {
    registry
        .counter("fareway.evictions", "outcome", outcome.name().toLowerCase(Locale.ROOT))
        .increment();
  }

  void shards(int count) {
    gauge("fareway.shards.held", "", "").set(count);
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
          Gauge.builder(name, gauge, AtomicInteger::get)
              .tags(tag.isEmpty() ? Tags.empty() : Tags.of(tag, value))
              .register(registry);
          return gauge;
        });
  }
}
