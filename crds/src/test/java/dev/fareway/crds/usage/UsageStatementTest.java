package dev.fareway.crds.usage;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.Money;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.UsageReportStatus.Spending;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UsageStatementTest {
  private static final BigInteger NANO = BigInteger.valueOf(1_000_000_000);
  private static final BigInteger GIB = BigInteger.ONE.shiftLeft(30);

  private static UsageSum sum(long cpuNanos, long cpuCost, long cpuRest) {
    var sum = new UsageSum();
    sum.add(new Usage("shop", "f", "c", cpuNanos, 0, cpuCost, 0, cpuRest, 0));
    return sum;
  }

  @Test
  void lines_getWhatRoundingLeft_largestRestFirst() {
    List<Spending> statement =
        UsageStatement.of(
            Map.of(
                new FunctionClass("b", "dear"), sum(1_300_000_000, 1, 300_000_000),
                new FunctionClass("a", "dear"), sum(1_300_000_000, 1, 300_000_000),
                new FunctionClass("c", "dear"), sum(1_400_000_000, 1, 400_000_000)));

    assertEquals(List.of("a", "b", "c"), statement.stream().map(Spending::function).toList());
    assertEquals(
        List.of(1L, 1L, 2L),
        statement.stream().map(line -> Money.of(line.spent()).nanoUnits()).toList());
    assertEquals(List.of(1L, 1L, 2L), statement.stream().map(Spending::cpuSeconds).toList());
  }

  @Test
  void lines_addUpToWhatNodesCharged_toTheNanoUnit() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      var sums = new HashMap<FunctionClass, UsageSum>();
      BigInteger cpu = BigInteger.ZERO;
      BigInteger memory = BigInteger.ZERO;
      for (int i = random.nextInt(60); i >= 0; i--) {
        long memoryCost = random.nextLong(1L << 40);
        long cost = memoryCost + random.nextLong(1L << 40);
        int cpuRest = random.nextInt(1_000_000_000);
        int memoryRest = random.nextInt(1 << 30);
        String function = "f" + random.nextInt(20);
        String priceClass = "c" + random.nextInt(3);
        sums.computeIfAbsent(new FunctionClass(function, priceClass), _ -> new UsageSum())
            .add(
                new Usage(
                    "shop",
                    function,
                    priceClass,
                    random.nextLong(1L << 50),
                    random.nextLong(1L << 50),
                    cost,
                    memoryCost,
                    cpuRest,
                    memoryRest));
        cpu =
            cpu.add(BigInteger.valueOf(cost - memoryCost).multiply(NANO))
                .add(BigInteger.valueOf(cpuRest));
        memory =
            memory
                .add(BigInteger.valueOf(memoryCost).multiply(GIB))
                .add(BigInteger.valueOf(memoryRest));
      }

      List<Spending> statement = UsageStatement.of(sums);

      Money spent = Money.ZERO;
      Money memorySpent = Money.ZERO;
      for (Spending line : statement) {
        UsageSum exact =
            requireNonNull(sums.get(new FunctionClass(line.function(), line.priceClass())));
        long over = Money.of(line.spent()).nanoUnits() - exact.cost().nanoUnits();
        assertTrue(over >= 0 && over <= 2, "a line off by " + over + ", seed " + seed);
        spent = spent.plus(Money.of(line.spent()));
        memorySpent = memorySpent.plus(Money.of(line.memorySpent()));
      }
      assertEquals(memory.divide(GIB).longValueExact(), memorySpent.nanoUnits(), "seed " + seed);
      assertEquals(
          cpu.divide(NANO).add(memory.divide(GIB)).longValueExact(),
          spent.nanoUnits(),
          "seed " + seed);
    }
  }

  @Test
  void money_thatDoesNotFit_isAnError() {
    var sums =
        Map.of(
            new FunctionClass("a", "dear"), sum(1, Long.MAX_VALUE, 0),
            new FunctionClass("b", "dear"), sum(1, 1, 0));

    assertThrows(ArithmeticException.class, () -> UsageStatement.of(sums));
  }

  @Test
  void nothing_isAnEmptyStatement() {
    assertEquals(List.of(), UsageStatement.of(Map.of()));
  }
}
