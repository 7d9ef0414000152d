package dev.fareway.operator.usage;

import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageSum;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jboss.logging.Logger;

/**
 * What namespaces used and what it cost in the month that is (UTC), as metrics: counters that begin
 * again with each month, which Prometheus takes as a restart. Every replica tells the same.
 *
 * <p>What each function used is told by the node daemons, each for its node.
 */
@ApplicationScoped
public class CostMetrics {
  private static final Logger LOG = Logger.getLogger(CostMetrics.class);
  private static final long PERIOD_SECONDS = 15;
  private static final double NANO = 1e-9;

  /** Namespaces times classes; more would be a burden for whoever scrapes. */
  private static final int MAX_ROWS = 5000;

  private final UsageIndex index;
  private final Clock clock;
  private final MeterRegistry registry;
  private final Map<Key, Row> rows = new HashMap<>();
  private boolean saidTooMany;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("cost-metrics").daemon().factory());

  private record Key(String namespace, String priceClass) {}

  private static final class Row {
    volatile double cpuCost;
    volatile double memoryCost;
    volatile double cpuSeconds;
    volatile double memoryGibSeconds;
    final List<Meter.Id> meters = new ArrayList<>();
  }

  CostMetrics(UsageIndex index, Clock clock, MeterRegistry registry) {
    this.index = index;
    this.clock = clock;
    this.registry = registry;
  }

  /** Starts. */
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::safeUpdate, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  /** Ends. */
  public void stop() {
    thread.shutdownNow();
  }

  private void safeUpdate() {
    try {
      update();
    } catch (RuntimeException e) {
      LOG.warn("Metrics of costs are not up to date; they are tried again", e);
    }
  }

  void update() {
    String month = YearMonth.now(clock.withZone(ZoneOffset.UTC)).toString();
    var now = new TreeMap<String, Map<String, UsageSum>>();
    int count = 0;
    for (String namespace : index.namespaces(month)) {
      var classes = new TreeMap<String, UsageSum>();
      for (Map.Entry<FunctionClass, UsageSum> of : index.of(month, namespace).entrySet()) {
        classes.computeIfAbsent(of.getKey().priceClass(), _ -> new UsageSum()).add(of.getValue());
      }
      count += classes.size();
      if (count > MAX_ROWS) {
        sayTooMany();
        break;
      }
      now.put(namespace, classes);
    }
    rows.entrySet()
        .removeIf(
            of -> {
              boolean gone =
                  !now.getOrDefault(of.getKey().namespace, Map.of())
                      .containsKey(of.getKey().priceClass);
              if (gone) {
                of.getValue().meters.forEach(registry::remove);
              }
              return gone;
            });
    now.forEach(
        (namespace, classes) ->
            classes.forEach((priceClass, sum) -> set(new Key(namespace, priceClass), sum)));
  }

  private void sayTooMany() {
    if (!saidTooMany) {
      saidTooMany = true;
      LOG.warnf(
          "Costs are told as metrics of the first %d pairs of namespace and class only; bills and budgets have all",
          MAX_ROWS);
    }
  }

  private void set(Key key, UsageSum sum) {
    Row row = rows.computeIfAbsent(key, this::register);
    try {
      long memory = sum.memoryCost().nanoUnits();
      row.cpuCost = (sum.cost().nanoUnits() - memory) * NANO;
      row.memoryCost = memory * NANO;
    } catch (ArithmeticException e) {
      row.cpuCost = Double.NaN;
      row.memoryCost = Double.NaN;
    }
    row.cpuSeconds = sum.cpuSeconds();
    row.memoryGibSeconds = sum.memoryGibSeconds();
  }

  private Row register(Key key) {
    var row = new Row();
    Tags tags = Tags.of("namespace", key.namespace, "price_class", key.priceClass);
    String cost = "What functions cost this month, in the cluster's currency unit";
    count(row, "fareway.namespace.cost", cost, tags.and("resource", "cpu"), of -> of.cpuCost);
    count(row, "fareway.namespace.cost", cost, tags.and("resource", "memory"), of -> of.memoryCost);
    count(
        row,
        "fareway.namespace.cpu.seconds",
        "CPU time that functions used this month",
        tags,
        of -> of.cpuSeconds);
    count(
        row,
        "fareway.namespace.memory.gib.seconds",
        "Memory that functions held over time this month, in GiB seconds",
        tags,
        of -> of.memoryGibSeconds);
    return row;
  }

  private void count(
      Row row, String name, String description, Tags tags, ToDoubleFunction<Row> value) {
    row.meters.add(
        FunctionCounter.builder(name, row, value)
            .description(description)
            .tags(tags)
            .register(registry)
            .getId());
  }
}
