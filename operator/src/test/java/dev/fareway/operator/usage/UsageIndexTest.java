package dev.fareway.operator.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageSum;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UsageIndexTest {
  static final String MONTH = "2026-11";

  static NodeUsage node(String node, String month, List<Usage> usage) {
    var object = new NodeUsage();
    object.getMetadata().setName(NodeUsage.nameOf(node, month, 0));
    object.setSpec(new NodeUsageSpec(node, month, 0));
    object.setStatus(new NodeUsageStatus(1, usage));
    return object;
  }

  static Usage usage(String namespace, String function, String priceClass, long nanos, long cost) {
    return new Usage(namespace, function, priceClass, nanos, 0, cost, 0, 0, 0);
  }

  @Test
  void index_isTheSumOfWhatNodesSay_whateverTheyWriteAndDelete() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    var index = new UsageIndex();
    var objects = new HashMap<String, NodeUsage>();
    for (int i = 0; i < 2000; i++) {
      String name = "node-" + random.nextInt(10);
      NodeUsage before = objects.get(name);
      if (before != null && random.nextInt(10) == 0) {
        objects.remove(name);
        index.changed(before, null);
        continue;
      }
      var usage = new ArrayList<Usage>();
      for (int f = random.nextInt(5); f >= 0; f--) {
        usage.add(usage("shop", "f" + f, "dear", random.nextLong(1L << 40), random.nextInt(1000)));
      }
      NodeUsage now = node(name, MONTH, usage);
      objects.put(name, now);
      index.changed(before, now);
    }

    var expected = new HashMap<FunctionClass, BigInteger>();
    for (NodeUsage object : objects.values()) {
      for (Usage usage : object.getStatus().usage()) {
        expected.merge(
            new FunctionClass(usage.function(), usage.priceClass()),
            BigInteger.valueOf(usage.costNanoUnits()),
            BigInteger::add);
      }
    }
    var found = new HashMap<FunctionClass, BigInteger>();
    index
        .of(MONTH, "shop")
        .forEach((key, sum) -> found.put(key, BigInteger.valueOf(sum.cost().nanoUnits())));
    assertEquals(expected, found, "seed " + seed);
    objects.values().forEach(object -> index.changed(object, null));
    assertEquals(Set.of(), index.months());
  }

  @Test
  void sums_growBeyondWhatOneNumberHolds() {
    var index = new UsageIndex();
    for (int i = 0; i < 3; i++) {
      index.changed(
          null, node("node-" + i, MONTH, List.of(usage("shop", "f", "dear", Long.MAX_VALUE, 1))));
    }
    UsageSum sum = sum(index.of(MONTH, "shop"));
    assertEquals(27_670_116_110L, sum.cpuSeconds());
    assertEquals(3, sum.cost().nanoUnits());
  }

  @Test
  void money_thatDoesNotFit_isAnError() {
    var index = new UsageIndex();
    for (int i = 0; i < 2; i++) {
      index.changed(
          null, node("node-" + i, MONTH, List.of(usage("shop", "f", "dear", 1, Long.MAX_VALUE))));
    }
    UsageSum sum = sum(index.of(MONTH, "shop"));
    assertThrows(ArithmeticException.class, sum::cost);
    assertEquals(0, sum.memoryCost().nanoUnits());
  }

  @Test
  void remainders_addUpToWholeNanoUnits() {
    var index = new UsageIndex();
    for (int i = 0; i < 3; i++) {
      index.changed(
          null,
          node(
              "node-" + i,
              MONTH,
              List.of(new Usage("shop", "f", "dear", 1, 1, 10, 4, 400_000_000, 1 << 29))));
    }
    UsageSum sum = sum(index.of(MONTH, "shop"));
    // 30, and 1.2 and 1.5 of remainders.
    assertEquals(32, sum.cost().nanoUnits());
    assertEquals(13, sum.memoryCost().nanoUnits());
  }

  private static UsageSum sum(Map<FunctionClass, UsageSum> sums) {
    return Objects.requireNonNull(sums.get(new FunctionClass("f", "dear")));
  }
}
