package dev.fareway.node.core.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Over random runs with killed daemons, lost requests and answers, short pods, changes of class and
 * price and of the month: what is stored in the end is exactly what the kernel counted, times the
 * prices.
 */
class MeterConservationTest {
  private static final int RUNS = 300;
  private static final int STEPS = 400;

  @Test
  void sumOfAllCharges_isTheKernelsCountTimesThePrices() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    int writes = 0;
    int kills = 0;
    for (int run = 0; run < RUNS; run++) {
      var node = new Node(new Random(random.nextLong()));
      for (int step = 0; step < STEPS; step++) {
        node.step();
      }
      node.settle();
      node.expected.values().removeIf(owed -> owed.signum() == 0);
      assertEquals(node.expected, node.stored(), "seed " + seed + ", run " + run);
      writes += node.store.writes;
      kills += node.kills;
    }
    // The run has had what it is about.
    assertTrue(writes > RUNS, () -> "too few writes");
    assertTrue(kills > RUNS, () -> "too few kills");
  }

  /** A pod as the kernel and the API server know it. */
  private static final class Pod {
    final String uid;
    final String function;
    long cgroup;
    long micros;

    /** The class that was in force when it ran. */
    PricedClass inForce;

    PricedClass named;
    boolean told;

    Pod(String uid, String function, long cgroup, PricedClass named) {
      this.uid = uid;
      this.function = function;
      this.cgroup = cgroup;
      this.named = named;
      this.inForce = named;
    }

    FunctionPod asFunction() {
      return new FunctionPod(new PodRef("shop", uid, uid), function, named, Map.of(), false);
    }

    UsageKey key(PricedClass of) {
      return new UsageKey("shop", function, of.name());
    }
  }

  /** The daemon was killed. */
  private static final class Killed extends Exception {
    private static final long serialVersionUID = 1;
  }

  private static final class Node {
    final Random random;
    final UsageStoreFake store;
    final Map<UsageKey, BigInteger> expected = new TreeMap<>(BY_NAME);
    private final List<Pod> pods = new ArrayList<>();
    private final Map<String, Long> prices = new HashMap<>(Map.of("dear", 2001L, "cheap", 7L));
    private boolean calm;
    private String journal = MeterStateText.write(MeterState.EMPTY);
    private @Nullable Meter meter;
    private int nextPod;
    private int month = 1;
    private long now;
    int kills;

    Node(Random random) {
      this.random = random;
      this.store = new UsageStoreFake(this::fate);
    }

    private UsageStoreFake.Fate fate() {
      int draw = calm ? 9 : random.nextInt(10);
      return switch (draw) {
        case 0 -> UsageStoreFake.Fate.REQUEST_LOST;
        case 1 -> UsageStoreFake.Fate.ANSWER_LOST;
        default -> UsageStoreFake.Fate.ANSWERED;
      };
    }

    private PricedClass classOf(String name) {
      return new PricedClass(
          name,
          Objects.requireNonNull(prices.get(name)),
          true,
          new ClassStanding(0, OptionalInt.empty(), 1));
    }

    void step() {
      now += random.nextInt(1_000_000_000);
      for (Pod pod : pods) {
        run(pod, random.nextInt(100_000));
      }
      try {
        if (meter == null) {
          if (random.nextInt(5) == 0) {
            resume();
          }
          return;
        }
        switch (random.nextInt(12)) {
          case 0, 1 -> start();
          case 2, 3 -> end();
          case 4 -> changeClass();
          case 5 -> changePrice();
          case 6 -> {
            readAll();
            month++;
            if (random.nextBoolean()) {
              closeEarlierMonths();
            }
          }
          case 7, 8 -> readAll();
          case 9, 10 -> write();
          default -> kill();
        }
      } catch (Killed e) {
        meter = null;
        kills++;
      }
    }

    /** What it runs is owed in the class that is in force. */
    private void run(Pod pod, int micros) {
      pod.micros += micros;
      owe(pod.key(pod.inForce), micros, pod.inForce.nanoUnitsPerCpuSecond());
    }

    private void owe(UsageKey key, long micros, long price) {
      expected.merge(
          key,
          BigInteger.valueOf(micros * 1000).multiply(BigInteger.valueOf(price)),
          BigInteger::add);
    }

    private void start() {
      var pod =
          new Pod(
              "pod-" + nextPod++,
              "f" + random.nextInt(4),
              nextPod,
              classOf(random.nextBoolean() ? "dear" : "cheap"));
      pods.add(pod);
      pod.told = random.nextBoolean();
      if (pod.told) {
        meter().put(pod.asFunction(), month());
      }
      // A pod may run and end before anyone has told of it.
      run(pod, random.nextInt(50_000));
    }

    private void end() throws Killed {
      if (pods.isEmpty()) {
        return;
      }
      Pod pod = pods.remove(random.nextInt(pods.size()));
      meter().read(pod.uid, reading(pod), month());
      meter().ended(pod.uid);
      if (!pod.told) {
        meter().put(pod.asFunction(), month());
      }
      try {
        keep();
      } catch (Killed e) {
        unobserved(pod, pod.told);
        throw e;
      }
    }

    private void changeClass() throws Killed {
      if (!pods.isEmpty()) {
        Pod pod = pods.get(random.nextInt(pods.size()));
        if (pod.told) {
          change(pod, classOf(random.nextBoolean() ? "dear" : "cheap"));
        }
      }
    }

    private void changePrice() throws Killed {
      String name = random.nextBoolean() ? "dear" : "cheap";
      prices.put(name, 1L + random.nextInt(5000));
      for (Pod pod : List.copyOf(pods)) {
        if (pod.told && pod.named.name().equals(name)) {
          change(pod, classOf(name));
        }
      }
    }

    /** Takes effect once it is kept: one that nobody lived to tell of is as if it had not been. */
    private void change(Pod pod, PricedClass to) throws Killed {
      pod.named = to;
      meter().read(pod.uid, reading(pod), month());
      meter().put(pod.asFunction(), month());
      try {
        keep();
        pod.inForce = to;
      } catch (Killed e) {
        pod.named = pod.inForce;
        throw e;
      }
    }

    private void readAll() {
      for (Pod pod : pods) {
        meter().read(pod.uid, reading(pod), month());
      }
    }

    private void resume() throws Killed {
      meter = new Meter(0, MeterStateText.read(journal));
      for (String uid : meter().living()) {
        if (pods.stream().noneMatch(pod -> pod.uid.equals(uid))) {
          meter().ended(uid);
        }
      }
      readAll();
      tellAll();
    }

    private void tellAll() throws Killed {
      for (Pod pod : pods) {
        pod.told = true;
        meter().put(pod.asFunction(), month());
        keep();
        pod.inForce = pod.named;
      }
    }

    private void write() throws Killed {
      for (String unknown : meter().unknownMonths()) {
        var found = new ArrayList<UsageStore.Page>();
        UsageStore.Stored stored = store.read(unknown, 0);
        while (stored instanceof UsageStore.Stored.Found(UsageStore.Page page)) {
          found.add(page);
          stored = store.read(unknown, found.size());
        }
        if (stored instanceof UsageStore.Stored.Absent) {
          meter().stored(unknown, found);
        }
      }
      for (String unsettled : meter().unsettledMonths()) {
        List<UsageWrite> writes = meter().begin(unsettled);
        keep();
        for (UsageWrite write : writes) {
          mayBeKilled();
          var written = store.write(write.month(), write.page(), write.content());
          mayBeKilled();
          switch (written) {
            case UsageStore.Written.Done() -> meter().done(write, month());
            case UsageStore.Written.Failed(boolean _, String _) -> meter().failed(write);
          }
        }
      }
    }

    private void keep() throws Killed {
      if (meter().isStateDue()) {
        String text = MeterStateText.write(meter().state());
        mayBeKilled();
        journal = text;
      }
    }

    /**
     * Killed before the last reading of a pod was kept: what it used since the one that is kept was
     * not observed by anyone who lives; all of it, if nobody had told whose it was.
     */
    private void unobserved(Pod pod, boolean told) {
      long kept =
          MeterStateText.read(journal).pods().stream()
              .filter(state -> state.uid().equals(pod.uid) && state.owner() != null && told)
              .mapToLong(state -> state.last().cpuMicros())
              .findFirst()
              .orElse(0);
      owe(pod.key(pod.inForce), kept - pod.micros, pod.inForce.nanoUnitsPerCpuSecond());
    }

    /** What is left of them is charged to the month that is now. */
    private void closeEarlierMonths() {
      meter().unsettledMonths().stream()
          .filter(earlier -> !earlier.equals(month()))
          .forEach(earlier -> meter().close(earlier, month()));
    }

    private void kill() throws Killed {
      throw new Killed();
    }

    private void mayBeKilled() throws Killed {
      if (!calm && random.nextInt(20) == 0) {
        throw new Killed();
      }
    }

    void settle() {
      calm = true;
      try {
        if (meter == null) {
          resume();
        }
        readAll();
        tellAll();
        for (int i = 0; i < 3; i++) {
          write();
        }
      } catch (Killed e) {
        throw new AssertionError(e);
      }
      assertEquals(List.of(), meter().unsettledMonths());
      assertEquals(0, meter().refusedCharges());
    }

    Map<UsageKey, BigInteger> stored() {
      var stored = new TreeMap<UsageKey, BigInteger>(BY_NAME);
      store
          .total()
          .forEach(
              (key, of) ->
                  stored.put(
                      key,
                      BigInteger.valueOf(of.cpuCost())
                          .multiply(BigInteger.valueOf(Amounts.CPU_UNIT))
                          .add(BigInteger.valueOf(of.cpuRemainder()))));
      return stored;
    }

    private Meter meter() {
      return Objects.requireNonNull(meter);
    }

    private String month() {
      return "month-" + month;
    }

    private Reading reading(Pod pod) {
      return new Reading(pod.cgroup, now, pod.micros, 0);
    }
  }

  private static final Comparator<UsageKey> BY_NAME = Comparator.comparing(UsageKey::toString);
}
