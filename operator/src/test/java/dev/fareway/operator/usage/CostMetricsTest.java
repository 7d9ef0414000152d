package dev.fareway.operator.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostMetricsTest {
  private static final long UNIT = 1_000_000_000;

  private final UsageIndex index = new UsageIndex();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private CostMetrics at(String now) {
    return new CostMetrics(index, Clock.fixed(Instant.parse(now), ZoneOffset.UTC), registry);
  }

  private static NodeUsage usage(String node, String function, long cost, long memoryCost) {
    var object = new NodeUsage();
    object.setSpec(new NodeUsageSpec(node, "2026-11", 0));
    object.setStatus(
        new NodeUsageStatus(
            1,
            List.of(
                new Usage("shop", function, "dear", 3 * UNIT, 2L << 30, cost, memoryCost, 0, 0))));
    return object;
  }

  private double counter(String name, String... tags) {
    var counter = registry.find(name).tags(tags).functionCounter();
    assertNotNull(counter);
    return counter.count();
  }

  @Test
  void counters_addUpFunctionsAndNodes_andGoWithTheMonth() {
    index.changed(null, usage("a", "cart", 5 * UNIT, UNIT));
    index.changed(null, usage("b", "mail", 7 * UNIT, 2 * UNIT));
    CostMetrics november = at("2026-11-24T00:00:00Z");

    november.update();

    assertEquals(9, counter("fareway.namespace.cost", "namespace", "shop", "resource", "cpu"));
    assertEquals(3, counter("fareway.namespace.cost", "price_class", "dear", "resource", "memory"));
    assertEquals(6, counter("fareway.namespace.cpu.seconds"));
    assertEquals(4, counter("fareway.namespace.memory.gib.seconds"));

    index.changed(usage("a", "cart", 5 * UNIT, UNIT), null);
    index.changed(usage("b", "mail", 7 * UNIT, 2 * UNIT), null);
    november.update();
    assertEquals(0, registry.getMeters().size());
  }
}
