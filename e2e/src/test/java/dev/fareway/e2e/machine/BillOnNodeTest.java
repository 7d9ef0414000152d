package dev.fareway.e2e.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.Money;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageStatement;
import dev.fareway.crds.usage.UsageSum;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Money on a kernel with cgroup v2 alone and the cpu controller on, as a kubelet has it, with the
 * packaged daemon: what it charges is what the kernel counted, times the prices, whatever crashes;
 * and a budget's order reaches {@code cpu.max}.
 */
@NullUnmarked
@Tag("long")
class BillOnNodeTest {
  private static final List<String> CLASSES = List.of("dear", "middle", "cheap");
  private static final Map<String, Long> PRICES =
      Map.of("dear", 3_000L, "middle", 2_000L, "cheap", 1_000L);
  private static final long NEW_PRICE = 7_000;
  private static final BigInteger BILLION = BigInteger.valueOf(1_000_000_000);

  /** At 100 Hz, as this kernel has it. */
  private static final long TICK_MICROS = 10_000;

  private DaemonNode node;

  private void start() throws Exception {
    node.startDaemon("--usage-interval", "1");
  }

  private void burnFor(int seconds) throws Exception {
    TimeUnit.SECONDS.sleep(seconds);
  }

  private long micros(String function) throws Exception {
    return node.field(function, "cpu.stat", "usage_usec");
  }

  private List<Usage> usage() throws Exception {
    return node.usage().stream()
        .map(json -> Serialization.unmarshal(json, NodeUsage.class))
        .filter(of -> of.getStatus() != null)
        .flatMap(of -> of.getStatus().usage().stream())
        .toList();
  }

  private long nanos(String function) throws Exception {
    return usage().stream()
        .filter(of -> of.function().equals(function))
        .mapToLong(Usage::cpuNanos)
        .sum();
  }

  private long billed() throws Exception {
    var sums = new HashMap<FunctionClass, UsageSum>();
    usage()
        .forEach(
            of ->
                sums.computeIfAbsent(
                        new FunctionClass(of.function(), of.priceClass()), _ -> new UsageSum())
                    .add(of));
    return UsageStatement.of(sums).stream()
        .mapToLong(line -> Money.of(line.spent()).nanoUnits())
        .sum();
  }

  /** Nothing runs, and all that did is written; what the kernel has counted by then. */
  private Map<String, Long> quiet(List<String> functions) throws Exception {
    var counted = new HashMap<String, Long>();
    for (String function : functions) {
      node.endBurning(function);
      node.run("echo 1 > %s/cgroup.freeze".formatted(node.pod(function)));
      node.eventually(
          function + " stands still",
          "grep -q 'frozen 1' %s/cgroup.events".formatted(node.pod(function)));
    }
    for (String function : functions) {
      long micros = micros(function);
      counted.put(function, micros);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
      while (nanos(function) != micros * 1000) {
        long written = nanos(function);
        assertTrue(
            System.nanoTime() < end,
            () ->
                "%s used %d us, and %d ns are written%n%s"
                    .formatted(function, micros, written, node.logs()));
        TimeUnit.MILLISECONDS.sleep(500);
      }
      assertEquals(micros, micros(function), "nothing runs");
    }
    return counted;
  }

  private void burn(List<String> functions) throws Exception {
    for (String function : functions) {
      node.run("echo 0 > %s/cgroup.freeze".formatted(node.pod(function)));
      node.burn(function);
    }
  }

  private static BigInteger cost(long micros, long price) {
    return BigInteger.valueOf(micros * 1000).multiply(BigInteger.valueOf(price));
  }

  @Test
  void bill_isTheKernelsCountTimesThePrices_whateverCrashes() throws Exception {
    node = NodesForTests.boot(UmlOptions.defaults());
    try (var _ = node) {
      node.keepUsage();
      for (int i = 0; i < CLASSES.size(); i++) {
        node.function(i, CLASSES.get(i), CLASSES.get(i), i == 0 ? "systemd" : "cgroupfs");
      }
      node.function(7, "gone", "cheap", "systemd");
      List<String> all = Stream.concat(CLASSES.stream(), Stream.of("gone")).toList();
      start();

      // given: a daemon that is killed while they work and stays away, thrice, once with the API
      burn(all);
      for (int kill = 0; kill < 3; kill++) {
        burnFor(3);
        node.run(node.crash());
        if (kill == 1) {
          node.killApi();
        }
        burnFor(3);
        if (kill == 1) {
          node.startApi();
        }
        start();
      }
      Map<String, Long> first = quiet(all);
      long before = billed();
      BigInteger exact = BigInteger.ZERO;
      for (String function : all) {
        exact =
            exact.add(
                cost(
                    Objects.requireNonNull(first.get(function)),
                    PRICES.getOrDefault(function, PRICES.get("cheap"))));
      }
      System.out.printf(
          "After three kills: %d nano-units billed, %s are the kernel's count times the prices%n",
          before, exact.divide(BILLION));
      assertEquals(exact.divide(BILLION), BigInteger.valueOf(before));

      // when: a price changes, and a pod ends while no daemon runs
      node.priceClass("dear", 2, NEW_PRICE + "n", "UnderPressure");
      burnFor(3);
      burn(all);
      burnFor(12);
      long charged = nanos("gone");
      node.run(node.crash());
      burnFor(3);
      // In the idle class it would not even die while the others take all there is.
      for (String function : CLASSES) {
        node.endBurning(function);
      }
      node.endBurning("gone");
      long last = micros("gone") * 1000;
      node.vanish("gone");
      node.forget("gone");
      start();
      Map<String, Long> second = quiet(CLASSES);

      // then: exact for those that live; of the one that is gone no more is lost than it used since
      // it was last looked at
      exact = BigInteger.ZERO;
      for (String function : CLASSES) {
        long then = Objects.requireNonNull(first.get(function));
        long now = Objects.requireNonNull(second.get(function));
        long price = Objects.requireNonNull(PRICES.get(function));
        exact =
            exact
                .add(cost(then, price))
                .add(cost(now - then, function.equals("dear") ? NEW_PRICE : price));
      }
      long kept = nanos("gone");
      exact = exact.add(BigInteger.valueOf(kept).multiply(BigInteger.valueOf(PRICES.get("cheap"))));
      System.out.printf(
          "After another, and a new price: %d nano-units billed, and %s are right; of a pod that ended unseen %d of %d us are charged%n",
          billed(), exact.divide(BILLION), kept / 1000, last / 1000);
      assertEquals(exact.divide(BILLION), BigInteger.valueOf(billed()));
      assertTrue(kept >= charged && kept <= last, () -> charged + " " + kept + " " + last);
    }
  }

  @Test
  void budgetsOrder_isInForceByTheKernel_andTakenBack() throws Exception {
    node = NodesForTests.boot(UmlOptions.defaults());
    try (var _ = node) {
      node.keepUsage();
      node.function(1, "dear", "dear", "systemd");
      start();
      node.burn("dear");
      node.tellBudget("dear", "Throttle=1m");
      node.eventually(
          "the kernel holds it",
          "[ \"$(cat %s/cpu.max)\" = '1000 1000000' ]".formatted(node.pod("dear")));
      long began = System.nanoTime();
      long before = micros("dear");
      burnFor(10);
      long used = micros("dear") - before;
      long passed = (System.nanoTime() - began) / 1000;
      System.out.printf("Throttled to 1m: %d us of CPU time in %d us%n", used, passed);
      // Its quota in each period, in part or whole, and up to the tick at which it is seen.
      long most = 1000 * (passed / 1_000_000 + 2) + TICK_MICROS;
      assertTrue(used <= most, () -> used + " us used, " + most + " may be");

      node.tellBudget("dear", "");
      node.eventually("it is let go", "grep -q '^max ' %s/cpu.max".formatted(node.pod("dear")));
      quiet(List.of("dear"));
      assertTrue(
          usage().stream().anyMatch(of -> of.priceClass().equals("cheap")),
          "charged in the cheapest class meanwhile");
    }
  }
}
