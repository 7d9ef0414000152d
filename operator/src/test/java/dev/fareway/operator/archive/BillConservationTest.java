package dev.fareway.operator.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.usage.UsageStatement;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import dev.fareway.node.core.meter.Amounts;
import dev.fareway.node.core.meter.Meter;
import dev.fareway.node.core.meter.MeterState;
import dev.fareway.node.core.meter.MeterStateText;
import dev.fareway.node.core.meter.Reading;
import dev.fareway.node.core.meter.UsageKey;
import dev.fareway.node.core.meter.UsageStore;
import dev.fareway.node.core.meter.UsageWrite;
import dev.fareway.node.meter.UsageMonths;
import dev.fareway.operator.archive.ArchiveFake.Fate;
import dev.fareway.operator.usage.UsageIndex;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * From the kernel's counters to the bill: three nodes' meters, an API server that is away at times
 * and loses requests and answers, an operator that fails over, pods that come and go and change
 * their class, prices that change, and months that turn and are archived. The sum of all bills is
 * what the kernels counted, times the prices, less what nobody who lives has observed.
 */
class BillConservationTest {
  private static final int RUNS = 40;
  private static final int STEPS = 600;
  private static final BigInteger UNIT = BigInteger.valueOf(Amounts.CPU_UNIT);

  @Test
  void sumOfAllBills_isTheKernelsCountTimesThePrices() throws Exception {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    int kills = 0;
    int failovers = 0;
    int archived = 0;
    int dropped = 0;
    for (int run = 0; run < RUNS; run++) {
      // Some runs stay within a month, where nothing is rounded but the sum.
      var cluster =
          new Cluster(new Random(random.nextLong()), run % 2 == 0, "seed " + seed + ", run " + run);
      for (int step = 0; step < STEPS; step++) {
        cluster.step();
      }
      cluster.settle();
      cluster.check();
      kills += cluster.kills;
      dropped += cluster.dropped ? 1 : 0;
      failovers += cluster.failovers;
      archived += cluster.store.reportCount();
    }
    System.out.printf(
        "%d runs: %d daemons killed, %d fail-overs, %d reports: every nano-unit is billed once, but in %d runs in which a node was away for more than a month%n",
        RUNS, kills, failovers, archived, dropped);
    int runsWithDrops = dropped;
    assertTrue(runsWithDrops < RUNS / 4, () -> runsWithDrops + " runs are not exact");
    assertTrue(kills > RUNS && failovers > RUNS && archived > RUNS, "too little happened");
  }

  private static final class Pod {
    final String uid;
    final String namespace;
    final String function;
    final long cgroup;
    long micros;
    PricedClass named;
    PricedClass inForce;

    Pod(int number, String namespace, String function, PricedClass named) {
      this.uid = "pod-" + number;
      this.namespace = namespace;
      this.function = function;
      this.cgroup = number;
      this.named = named;
      this.inForce = named;
    }

    FunctionPod asFunction() {
      return new FunctionPod(new PodRef(namespace, uid, uid), function, named, Map.of(), false);
    }
  }

  /** The daemon was killed. */
  private static final class Killed extends Exception {
    private static final long serialVersionUID = 1;
  }

  private static final class Cluster {
    final Random random;
    final boolean oneMonth;
    final String name;
    final ArchiveFake store = new ArchiveFake(this::fate);
    final List<Node> nodes = new ArrayList<>();
    final Map<String, Long> prices = new HashMap<>(Map.of("dear", 2001L, "cheap", 7L));
    final Map<String, BigInteger> expected = new TreeMap<>();
    private final Map<String, NodeUsage> objects = new HashMap<>();
    private UsageIndex index = new UsageIndex();
    private Map<String, NodeUsage> seen = new HashMap<>();
    private Instant now = Instant.parse("2026-11-03T00:00:00Z");
    private Instant awayUntil = now;
    private boolean calm;
    private int nextPod;
    private long nanos;
    int kills;
    int failovers;

    /** A node was away for more than a month with a write of which it never learned what became. */
    boolean dropped;

    Cluster(Random random, boolean oneMonth, String name) {
      this.random = random;
      this.oneMonth = oneMonth;
      this.name = name;
      for (int i = 0; i < 3; i++) {
        nodes.add(new Node(this, "node-" + i));
      }
    }

    Fate fate() {
      if (calm) {
        return Fate.ANSWERED;
      }
      if (now.isBefore(awayUntil)) {
        return Fate.REQUEST_LOST;
      }
      return switch (random.nextInt(12)) {
        case 0 -> Fate.REQUEST_LOST;
        case 1 -> Fate.ANSWER_LOST;
        default -> Fate.ANSWERED;
      };
    }

    PricedClass classOf(String of) {
      return new PricedClass(
          of,
          Objects.requireNonNull(prices.get(of)),
          true,
          new ClassStanding(0, OptionalInt.empty(), 1));
    }

    void owe(Pod pod, long micros) {
      expected.merge(
          pod.namespace,
          BigInteger.valueOf(micros * 1000)
              .multiply(BigInteger.valueOf(pod.inForce.nanoUnitsPerCpuSecond())),
          BigInteger::add);
    }

    void step() throws InterruptedException {
      advance(
          oneMonth
              ? Duration.ofMinutes(random.nextInt(50))
              : Duration.ofHours(random.nextInt(random.nextInt(10) == 0 ? 96 : 8)));
      for (Node node : nodes) {
        node.step();
      }
      switch (random.nextInt(10)) {
        case 0 -> awayUntil = now.plus(Duration.ofHours(random.nextInt(oneMonth ? 5 : 120)));
        case 1 -> {
          String of = random.nextBoolean() ? "dear" : "cheap";
          prices.put(of, 1L + random.nextInt(5000));
          nodes.forEach(node -> node.priceChanged(of));
        }
        case 2 -> failOver();
        case 3, 4 -> archive();
        default -> watch();
      }
    }

    private void advance(Duration by) {
      now = now.plus(by);
      nanos += by.toNanos();
      store.now = now;
    }

    private void archive() throws InterruptedException {
      try {
        new Archivist(store, () -> calm || random.nextInt(10) != 0).pass(now);
      } catch (ArchiveException e) {
        // Tried again.
      }
      // What it deleted is gone for the nodes, too.
      objects.keySet().removeIf(of -> !store.holds(of));
    }

    /** Another replica begins with nothing, and lists. */
    private void failOver() {
      failovers++;
      index = new UsageIndex();
      seen = new HashMap<>();
      watch();
    }

    /** What has changed since is told; as a watch does, with what was in between left out. */
    private void watch() {
      for (String gone : new TreeSet<>(seen.keySet())) {
        if (!objects.containsKey(gone)) {
          index.changed(seen.remove(gone), null);
        }
      }
      objects.forEach(
          (of, object) -> {
            if (!object.equals(seen.get(of))) {
              index.changed(seen.get(of), object);
              seen.put(of, object);
            }
          });
    }

    void settle() throws InterruptedException {
      calm = true;
      awayUntil = now;
      nodes.forEach(Node::settle);
      watch();
      for (String month : store.months()) {
        for (String namespace : index.namespaces(month)) {
          long live = ArchiveFake.sum(UsageStatement.of(index.of(month, namespace)));
          long bill = store.bill(month, namespace);
          // Of a month that is archived some objects may be gone.
          assertTrue(
              live == bill || (live < bill && store.reported(month, namespace) == bill), name);
        }
      }
      advance(Duration.ofDays(70));
      for (int i = 0; i < 3; i++) {
        archive();
      }
      assertEquals(0, store.objectCount(), name);
    }

    void check() {
      for (var owed : expected.entrySet()) {
        BigInteger billed = BigInteger.ZERO;
        int bills = 0;
        for (YearMonth month = YearMonth.of(2026, 11);
            !month.isAfter(YearMonth.of(2029, 12));
            month = month.plusMonths(1)) {
          long bill = store.reported(month.toString(), owed.getKey());
          billed = billed.add(BigInteger.valueOf(bill));
          bills += bill > 0 ? 1 : 0;
        }
        BigInteger missing = owed.getValue().subtract(billed.multiply(UNIT));
        assertTrue(missing.signum() >= 0, () -> name + ": something is billed twice: " + missing);
        // Each bill is rounded down to a nano-unit; within one month that is the only one.
        BigInteger rounded = UNIT.multiply(BigInteger.valueOf(bills));
        assertTrue(
            dropped || missing.compareTo(rounded) < 0,
            () -> "%s: %s of %s are missing".formatted(name, missing, owed));
        if (oneMonth) {
          assertEquals(owed.getValue().divide(UNIT), billed, name);
        }
      }
    }

    void stored(String node, String month, int page, UsageStore.Page content) {
      var usage = new ArrayList<Usage>();
      content
          .usage()
          .forEach(
              (key, of) ->
                  usage.add(
                      new Usage(
                          key.namespace(),
                          key.function(),
                          key.priceClass(),
                          of.cpuNanos(),
                          of.memoryByteSeconds(),
                          of.cost(),
                          of.memoryCost(),
                          of.cpuRemainder(),
                          of.memoryRemainder())));
      String object = NodeUsage.nameOf(node, month, page);
      var stored = new NodeUsage();
      stored.setSpec(new NodeUsageSpec(node, month, page));
      stored.setStatus(new NodeUsageStatus(content.sequence(), usage));
      objects.put(object, stored);
      store.put(object, month, usage);
    }

    @Nullable NodeUsage object(String node, String month, int page) {
      return objects.get(NodeUsage.nameOf(node, month, page));
    }
  }

  /** A node: what its kernel counts, and its daemon while it lives. */
  private static final class Node {
    private final Cluster cluster;
    private final String name;
    private final Random random;
    private final List<Pod> pods = new ArrayList<>();
    private String journal = MeterStateText.write(MeterState.EMPTY);
    private @Nullable Meter meter;

    Node(Cluster cluster, String name) {
      this.cluster = cluster;
      this.name = name;
      this.random = cluster.random;
    }

    Meter meter() {
      return Objects.requireNonNull(meter);
    }

    private String month() {
      return UsageMonths.of(cluster.now);
    }

    void step() {
      for (Pod pod : pods) {
        run(pod, random.nextInt(100_000_000));
      }
      try {
        if (meter == null) {
          if (random.nextInt(4) == 0) {
            resume();
          } else if (random.nextInt(6) == 0) {
            endUnobserved();
          }
          return;
        }
        switch (random.nextInt(10)) {
          case 0, 1 -> start();
          case 2 -> end();
          case 3 -> changeClass();
          case 4, 5 -> readAll();
          case 6, 7, 8 -> write();
          default -> throw new Killed();
        }
      } catch (Killed e) {
        meter = null;
        cluster.kills++;
      }
    }

    private void run(Pod pod, int micros) {
      pod.micros += micros;
      cluster.owe(pod, micros);
    }

    private void start() {
      var pod =
          new Pod(
              cluster.nextPod++,
              random.nextBoolean() ? "shop" : "mail",
              "f" + random.nextInt(4),
              cluster.classOf(random.nextBoolean() ? "dear" : "cheap"));
      pods.add(pod);
      meter().put(pod.asFunction(), month());
      run(pod, random.nextInt(50_000));
    }

    private void end() throws Killed {
      if (!pods.isEmpty()) {
        Pod pod = pods.remove(random.nextInt(pods.size()));
        read(pod);
        meter().ended(pod.uid);
        try {
          keep();
        } catch (Killed e) {
          unobserved(pod);
          throw e;
        }
      }
    }

    /** No daemon is there: what it used since it was last read and kept is lost, and no more. */
    private void endUnobserved() {
      if (!pods.isEmpty()) {
        unobserved(pods.remove(random.nextInt(pods.size())));
      }
    }

    private void unobserved(Pod pod) {
      long kept =
          MeterStateText.read(journal).pods().stream()
              .filter(state -> state.uid().equals(pod.uid) && state.owner() != null)
              .mapToLong(state -> state.last().cpuMicros())
              .findFirst()
              .orElse(0);
      cluster.owe(pod, kept - pod.micros);
    }

    private void changeClass() throws Killed {
      if (!pods.isEmpty()) {
        change(
            pods.get(random.nextInt(pods.size())),
            cluster.classOf(random.nextBoolean() ? "dear" : "cheap"));
      }
    }

    void priceChanged(String of) {
      try {
        for (Pod pod : List.copyOf(pods)) {
          if (pod.named.name().equals(of)) {
            if (meter == null) {
              // In force once the next daemon has taken it in.
              pod.named = cluster.classOf(of);
            } else {
              change(pod, cluster.classOf(of));
            }
          }
        }
      } catch (Killed e) {
        meter = null;
        cluster.kills++;
      }
    }

    /** Takes effect once it is kept. */
    private void change(Pod pod, PricedClass to) throws Killed {
      pod.named = to;
      read(pod);
      meter().put(pod.asFunction(), month());
      keep();
      pod.inForce = to;
    }

    private void readAll() {
      pods.forEach(this::read);
    }

    private void read(Pod pod) {
      meter().read(pod.uid, new Reading(pod.cgroup, cluster.nanos, pod.micros, 0), month());
    }

    private void resume() throws Killed {
      MeterState state = MeterStateText.read(journal);
      meter = new Meter(0, state);
      for (Pod pod : pods) {
        if (state.pods().stream().noneMatch(of -> of.uid().equals(pod.uid) && of.owner() != null)) {
          // Nobody who lives has been told of it: it is charged as it is found.
          cluster.owe(pod, -pod.micros);
          pod.inForce = pod.named;
          cluster.owe(pod, pod.micros);
        }
      }
      for (String uid : meter().living()) {
        if (pods.stream().noneMatch(pod -> pod.uid.equals(uid))) {
          meter().ended(uid);
        }
      }
      readAll();
      for (Pod pod : pods) {
        meter().put(pod.asFunction(), month());
        keep();
        pod.inForce = pod.named;
      }
    }

    private void keep() throws Killed {
      if (meter().isStateDue()) {
        String text = MeterStateText.write(meter().state());
        mayBeKilled();
        journal = text;
      }
    }

    private void mayBeKilled() throws Killed {
      if (!cluster.calm && random.nextInt(20) == 0) {
        throw new Killed();
      }
    }

    private void write() throws Killed {
      for (String unknown : meter().unknownMonths()) {
        if (cluster.fate() == Fate.ANSWERED) {
          var pages = new ArrayList<UsageStore.Page>();
          for (NodeUsage object = cluster.object(name, unknown, 0);
              object != null;
              object = cluster.object(name, unknown, pages.size())) {
            pages.add(page(object));
          }
          meter().stored(unknown, pages, UsageMonths.mayBeDeleted(unknown, cluster.now));
          cluster.dropped |= meter().refusedCharges() > 0;
        }
      }
      for (String month : meter().unsettledMonths()) {
        if (UsageMonths.isClosed(month, cluster.now)) {
          meter().close(month, month());
        }
      }
      for (String month : meter().unsettledMonths()) {
        if (UsageMonths.isClosed(month, cluster.now)) {
          continue;
        }
        List<UsageWrite> writes = meter().begin(month);
        keep();
        for (UsageWrite write : writes) {
          mayBeKilled();
          Fate fate = cluster.fate();
          if (fate != Fate.REQUEST_LOST) {
            cluster.stored(name, write.month(), write.page(), write.content());
          }
          mayBeKilled();
          if (fate == Fate.ANSWERED) {
            meter().done(write, month());
          } else {
            meter().failed(write);
          }
        }
      }
    }

    private static UsageStore.Page page(NodeUsage object) {
      var usage = new LinkedHashMap<UsageKey, Amounts>();
      for (Usage of : object.getStatus().usage()) {
        usage.put(
            new UsageKey(of.namespace(), of.function(), of.priceClass()),
            new Amounts(
                of.cpuNanos(),
                of.memoryByteSeconds(),
                of.costNanoUnits() - of.memoryCostNanoUnits(),
                of.cpuCostRemainder(),
                of.memoryCostNanoUnits(),
                of.memoryCostRemainder()));
      }
      return new UsageStore.Page(object.getStatus().sequence(), usage);
    }

    void settle() {
      try {
        if (meter == null) {
          resume();
        }
        readAll();
        for (int i = 0; i < 4; i++) {
          write();
        }
      } catch (Killed e) {
        throw new AssertionError(e);
      }
      assertEquals(List.of(), meter().unsettledMonths(), cluster.name);
    }
  }
}
