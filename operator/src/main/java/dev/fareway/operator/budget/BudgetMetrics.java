package dev.fareway.operator.budget;

import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.Money;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Budgets' figures as metrics, in the cluster's currency unit. */
@ApplicationScoped
public class BudgetMetrics {
  private static final double NANO = 1e-9;

  private final MeterRegistry registry;
  private final Map<String, Figures> budgets = new ConcurrentHashMap<>();

  private static final class Figures {
    volatile double limit;
    volatile double spent;
    volatile double forecast;
    volatile double state;
    final List<Meter.Id> gauges = new ArrayList<>();
  }

  BudgetMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void update(String namespace, String name, Money limit, BudgetStatus status) {
    Figures figures =
        budgets.computeIfAbsent(namespace + "/" + name, _ -> register(namespace, name));
    figures.limit = limit.nanoUnits() * NANO;
    figures.spent = status.spent() == null ? 0 : Money.of(status.spent()).nanoUnits() * NANO;
    figures.forecast =
        status.forecast() == null ? Double.NaN : Money.of(status.forecast()).nanoUnits() * NANO;
    figures.state =
        switch (status.state()) {
          case WITHIN -> 0;
          case AHEAD -> 1;
          case EXHAUSTED -> 2;
          case null -> Double.NaN;
        };
  }

  private Figures register(String namespace, String name) {
    var figures = new Figures();
    Tags tags = Tags.of("namespace", namespace, "budget", name);
    figures.gauges.add(
        Gauge.builder("fareway.budget.limit", figures, of -> of.limit)
            .description("What may be spent in the month")
            .tags(tags)
            .register(registry)
            .getId());
    figures.gauges.add(
        Gauge.builder("fareway.budget.spent", figures, of -> of.spent)
            .description("What is spent of the month so far")
            .tags(tags)
            .register(registry)
            .getId());
    figures.gauges.add(
        Gauge.builder("fareway.budget.forecast", figures, of -> of.forecast)
            .description("What is expected to be spent by the end of the month")
            .tags(tags)
            .register(registry)
            .getId());
    figures.gauges.add(
        Gauge.builder("fareway.budget.state", figures, of -> of.state)
            .description("0: within reason, 1: ahead of the month, 2: exhausted")
            .tags(tags)
            .register(registry)
            .getId());
    return figures;
  }

  void remove(String namespace, String name) {
    Figures gone = budgets.remove(namespace + "/" + name);
    if (gone != null) {
      gone.gauges.forEach(registry::remove);
    }
  }
}
