package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetMark;
import dev.fareway.crds.BudgetSpec;
import dev.fareway.crds.BudgetState;
import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.node.core.BudgetCap;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.EffectiveClasses;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import dev.fareway.node.core.meter.Meter;
import dev.fareway.node.core.meter.MeterState;
import dev.fareway.node.core.meter.Reading;
import dev.fareway.node.core.meter.UsageWrite;
import dev.fareway.operator.budget.BudgetOrders.Order;
import dev.fareway.operator.budget.BudgetPods.FunctionInstance;
import dev.fareway.operator.budget.BudgetPods.Kind;
import dev.fareway.operator.budget.BudgetPods.Stage;
import dev.fareway.operator.shard.PlacementGuard.Ruling;
import dev.fareway.operator.usage.UsageIndex;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A function that runs away, in virtual time, with the meter, the budget's rule and the orders that
 * ship: what it spends beyond its limit until the end of the month.
 *
 * <p>Nodes read every 10 s and write at most every 30 s, budgets are judged every 10 s, at most 20
 * pods are told in a fifth of a second, a pod that is evicted takes 30 s to end: the defaults, at
 * random phases.
 */
class OvershootTest {
  private static final Instant BEGIN = Instant.parse("2026-11-03T10:00:00Z");
  private static final Instant END = Instant.parse("2026-12-01T00:00:00Z");
  private static final long MONTH_SECONDS = 30 * 86_400L;
  private static final String MONTH = "2026-11";
  private static final long GIB = 1L << 30;

  /** The chart's classes and its price of memory, in nano-units. */
  private static final Map<String, Long> PRICES =
      Map.of("interactive", 20_000L, "standard", 10_000L, "batch", 2_000L);

  private static final long MEMORY_PRICE = 1_000;
  private static final List<String> BY_RANK = List.of("batch", "standard", "interactive");
  private static final int READ_SECONDS = 10;
  private static final int WRITE_SECONDS = 30;
  private static final int PATIENCE = 10;
  private static final int JUDGE_SECONDS = 10;
  private static final int TOLD_A_SECOND = 100;
  private static final int GRACE_SECONDS = 30;

  private static PricedClass priced(String name) {
    int rank = BY_RANK.indexOf(name);
    return new PricedClass(
        name,
        Objects.requireNonNull(PRICES.get(name)),
        true,
        new ClassStanding(rank, OptionalInt.empty(), 100));
  }

  private static final class Pod {
    final String uid;
    final Node node;
    final String named;
    BudgetMark mark = new BudgetMark.Free();
    double micros;
    long leavesAt = Long.MAX_VALUE;

    Pod(String uid, Node node, String named) {
      this.uid = uid;
      this.node = node;
      this.named = named;
    }

    FunctionPod asFunction() {
      BudgetCap cap =
          switch (mark) {
            case BudgetMark.Free() -> BudgetCap.NONE;
            case BudgetMark.Degraded(String to) ->
                new BudgetCap(Optional.of(priced(to)), OptionalInt.empty());
            case BudgetMark.Throttled(int cpuMillis) ->
                new BudgetCap(Optional.of(priced(BY_RANK.getFirst())), OptionalInt.of(cpuMillis));
          };
      return new EffectiveClasses()
          .effective(
              new FunctionPod(
                  new PodRef("shop", uid, uid), "cart", priced(named), Map.of(), false, cap),
              0);
    }
  }

  private static final class Node {
    final String name;
    final Meter meter = new Meter(MEMORY_PRICE, MeterState.EMPTY);
    final int phase;
    long wroteAt = Long.MIN_VALUE / 2;
    @Nullable NodeUsage stored;

    Node(String name, int phase) {
      this.name = name;
      this.phase = phase;
      meter.stored(MONTH, List.of());
    }
  }

  /** How it went. */
  private record Outcome(long limit, long overshoot, long rate, BudgetState state, int left) {
    double percent() {
      return 100.0 * overshoot / limit;
    }
  }

  private static final class Run {
    private final double cpus;
    private final long memory;
    private final List<Node> nodes = new ArrayList<>();
    private final List<Pod> pods = new ArrayList<>();
    private final UsageIndex index = new UsageIndex();
    private final BudgetGuard guard = new BudgetGuard();
    private final Budget budget = new Budget();
    private final long limit;
    private final long rate;
    private final long before;
    private final int phase;
    private long now;

    Run(Random random, String priceClass, int count, double cpus, long memory, long pace) {
      this.cpus = cpus;
      this.memory = memory;
      double perSecond =
          count
              * (cpus * Objects.requireNonNull(PRICES.get(priceClass))
                  + (double) memory / GIB * MEMORY_PRICE);
      rate = (long) perSecond;
      limit = Math.max(1, (long) (perSecond * MONTH_SECONDS / pace));
      // What another node wrote of it that is no more.
      before = (long) (limit * 0.97);
      var gone = new Node("gone", 0);
      store(gone, List.of(new Usage("shop", "cart", priceClass, 0, 0, before, 0, 0, 0)));
      for (int i = 0; i < (count + 9) / 10; i++) {
        nodes.add(new Node("node-" + i, random.nextInt(WRITE_SECONDS)));
      }
      for (int i = 0; i < count; i++) {
        pods.add(new Pod("pod-" + i, nodes.get(i / 10), priceClass));
      }
      phase = random.nextInt(JUDGE_SECONDS);
      budget.getMetadata().setName("shop");
      budget.getMetadata().setNamespace("shop");
      BudgetSpec spec = BudgetSpec.ofLimit("1");
      budget.setSpec(
          new BudgetSpec(
              new Quantity(BigDecimal.valueOf(limit, 9).toPlainString()),
              spec.selector(),
              spec.ahead(),
              spec.exhausted(),
              null,
              "100%",
              "UTC",
              List.of()));
    }

    private void store(Node node, List<Usage> usage) {
      var object = new NodeUsage();
      object.setSpec(new NodeUsageSpec(node.name, MONTH, 0));
      object.setStatus(new NodeUsageStatus(1, usage));
      index.changed(node.stored, object);
      node.stored = object;
    }

    Outcome go() {
      long length = END.getEpochSecond() - BEGIN.getEpochSecond();
      for (Pod pod : pods) {
        takeIn(pod);
      }
      // Without a pod nothing changes any more.
      while (now < length && !pods.isEmpty()) {
        now++;
        second();
      }
      nodes.forEach(this::read);
      nodes.forEach(this::write);
      long spent = before;
      for (Node node : nodes) {
        spent += node.meter.total(MONTH).values().stream().mapToLong(charge -> charge.cost()).sum();
      }
      judge();
      BudgetState state =
          Objects.requireNonNull(Objects.requireNonNull(budget.getStatus()).state());
      return new Outcome(limit, Math.max(0, spent - limit), rate, state, pods.size());
    }

    private void second() {
      for (Pod pod : pods) {
        double most =
            pod.asFunction().budget().cpuMillis().isPresent()
                ? pod.asFunction().budget().cpuMillis().getAsInt() / 1000.0
                : cpus;
        pod.micros += Math.min(cpus, most) * 1e6;
      }
      for (Node node : nodes) {
        if ((now + node.phase) % READ_SECONDS == 0) {
          read(node);
        }
        if ((now + node.phase) % 10 == 0
            && ((now - node.wroteAt >= WRITE_SECONDS && node.meter.isSignificant(MONTH))
                || now - node.wroteAt >= (long) PATIENCE * WRITE_SECONDS)) {
          write(node);
        }
      }
      if ((now + phase) % JUDGE_SECONDS == 0) {
        judge();
      }
      orders();
      for (Pod pod : List.copyOf(pods)) {
        if (pod.leavesAt <= now) {
          read(pod);
          pod.node.meter.ended(pod.uid);
          pods.remove(pod);
        }
      }
    }

    private void takeIn(Pod pod) {
      read(pod);
      pod.node.meter.put(pod.asFunction(), MONTH);
    }

    private void read(Pod pod) {
      pod.node.meter.read(
          pod.uid, new Reading(1, now * 1_000_000_000, (long) pod.micros, memory), MONTH);
    }

    private void read(Node node) {
      pods.stream().filter(pod -> pod.node == node).forEach(this::read);
    }

    private void write(Node node) {
      for (UsageWrite write : node.meter.begin(MONTH)) {
        store(
            node,
            write.content().usage().entrySet().stream()
                .map(
                    of ->
                        new Usage(
                            of.getKey().namespace(),
                            of.getKey().function(),
                            of.getKey().priceClass(),
                            of.getValue().cpuNanos(),
                            of.getValue().memoryByteSeconds(),
                            of.getValue().cost(),
                            of.getValue().memoryCost(),
                            of.getValue().cpuRemainder(),
                            of.getValue().memoryRemainder()))
                .toList());
        node.meter.done(write, MONTH);
        node.wroteAt = now;
      }
    }

    private void judge() {
      Instant at =
          BEGIN.plusSeconds(Math.min(now, END.getEpochSecond() - BEGIN.getEpochSecond() - 1));
      BudgetStatus status =
          BudgetAccount.compute(
                  budget,
                  at,
                  month -> index.of(month, "shop"),
                  _ -> true,
                  (_, _) -> OptionalLong.empty())
              .status();
      budget.setStatus(status);
      guard.put(
          "shop",
          "shop",
          BudgetAction.of(budget, status, PRICES, BudgetAction.Options.DEFAULTS)
              .map(of -> new BudgetGuard.InForce("shop", budget.getSpec().selector(), of))
              .orElse(null));
    }

    private void orders() {
      var byUid = new HashMap<String, Pod>();
      var instances = new ArrayList<FunctionInstance>();
      for (Pod pod : pods) {
        byUid.put(pod.uid, pod);
        instances.add(
            new FunctionInstance(
                "shop",
                pod.uid,
                pod.uid,
                new Kind("cart", Map.of(), pod.named),
                pod.mark.text(),
                pod.leavesAt == Long.MAX_VALUE ? Stage.ON_A_NODE : Stage.LEAVING,
                true));
      }
      List<Order> orders = BudgetOrders.of(instances, of -> guard.inForce("shop", of.labels()));
      for (Order order : orders.subList(0, Math.min(TOLD_A_SECOND, orders.size()))) {
        Pod pod = Objects.requireNonNull(byUid.get(order.pod().uid()));
        switch (order) {
          case Order.Tell(FunctionInstance _, BudgetMark mark) -> {
            pod.mark = mark;
            takeIn(pod);
          }
          case Order.Evict(FunctionInstance _) -> {
            assertEquals(
                Ruling.Throttled.class,
                guard.judge("shop", Map.of()).getClass(),
                "its successor waits");
            pod.leavesAt = now + GRACE_SECONDS;
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "interactive, 1, 1.0, 256, 100",
    "interactive, 60, 0.5, 256, 100",
    "standard, 1, 1.0, 256, 100",
    "standard, 40, 2.0, 1024, 100",
    "batch, 1, 1.0, 256, 100",
    "batch, 1, 1.0, 0, 100",
    "batch, 30, 0.2, 512, 100",
    "batch, 1, 0.01, 8192, 100",
    "interactive, 1, 1.0, 256, 10",
    "interactive, 30, 1.0, 256, 10000",
    "batch, 200, 1.0, 256, 10000",
    "standard, 400, 1.0, 128, 100000",
  })
  void runaway_isHeld(String priceClass, int pods, double cpus, long mebibytes, long pace) {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    var random = new Random(seed);
    double worst = 0;
    for (int run = 0; run < 3; run++) {
      Outcome outcome = new Run(random, priceClass, pods, cpus, mebibytes << 20, pace).go();
      long bound = Math.max(outcome.limit / 100, 60 * outcome.rate);
      assertEquals(BudgetState.EXHAUSTED, outcome.state);
      assertTrue(outcome.overshoot > 0, "it ran away");
      assertTrue(
          outcome.overshoot <= bound,
          () -> "seed %d: %s, the bound is %d".formatted(seed, outcome, bound));
      worst = Math.max(worst, (double) outcome.overshoot / bound);
      if (run == 2) {
        System.out.printf(
            "%s x %d, %.2f CPUs, %d MiB, %d times its pace: %.3f%% of the limit beyond it at the end of the month, %.1f s of its"
                + " spend; worst of 3 is %.0f%% of the bound; fareway.seed=%d%n",
            priceClass,
            pods,
            cpus,
            mebibytes,
            pace,
            outcome.percent(),
            (double) outcome.overshoot / outcome.rate,
            100 * worst,
            seed);
      }
    }
  }
}
