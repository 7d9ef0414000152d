package dev.fareway.node.core.meter;

import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.meter.MeterState.Owner;
import dev.fareway.node.core.meter.MeterState.PodState;
import dev.fareway.node.core.meter.MeterState.Waiting;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns readings of pods' cgroups into charges, each exactly once. A state machine.
 *
 * <p>A reading charges what a pod's counter grew by since the last one, to its function in the
 * class that it is in now, at the price of now. So who changes a pod's class or price reads its
 * counters first. What the meter holds, {@link #state()}, is kept outside of the process as one
 * value; a meter that begins with it goes on where that one ended: what pods used meanwhile is
 * still on their counters, what was charged and perhaps not stored is in it, and the stored pages'
 * sequence numbers tell which of it was. Not thread-safe.
 */
public final class Meter {
  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

  private final long memoryPrice;
  private final Map<String, PodMeter> pods = new HashMap<>();
  private final Map<String, Owner> owners = new HashMap<>();
  private final Map<String, MonthLedger> months = new TreeMap<>();
  private boolean stateDue;
  private long refusedCharges;

  /** A pod, or what has not yet found its payer of one that has ended. */
  private static final class PodMeter {
    Reading last;
    long memoryRemainder;
    @Nullable Owner owner;
    Waiting waiting = Waiting.NOTHING;
    boolean ended;

    PodMeter(Reading last) {
      this.last = last;
    }
  }

  /**
   * A meter that goes on from a state.
   *
   * @param memoryPrice price of holding a GiB for a second, in nano-units
   */
  public Meter(long memoryPrice, MeterState state) {
    if (memoryPrice < 0) {
      throw new IllegalArgumentException(
          "memory price %d: it can't be negative".formatted(memoryPrice));
    }
    this.memoryPrice = memoryPrice;
    for (PodState pod : state.pods()) {
      var meter = new PodMeter(pod.last());
      meter.memoryRemainder = pod.memoryRemainder();
      meter.owner = pod.owner();
      meter.waiting = pod.waiting();
      meter.ended = pod.ended();
      pods.put(pod.uid(), meter);
    }
    state.months().forEach(month -> months.put(month.month(), new MonthLedger(month)));
  }

  /** All that is needed to go on. */
  public MeterState state() {
    stateDue = false;
    return new MeterState(
        pods.entrySet().stream()
            .map(
                pod -> {
                  PodMeter of = pod.getValue();
                  return new PodState(
                      pod.getKey(), of.last, of.memoryRemainder, of.owner, of.waiting, of.ended);
                })
            .toList(),
        months.values().stream()
            .filter(month -> !month.isSettled())
            .map(MonthLedger::state)
            .toList());
  }

  /**
   * Whether something has happened that can't be read from the counters again: the state should be
   * kept anew.
   */
  public boolean isStateDue() {
    return stateDue;
  }

  /**
   * A function pod is there, or has changed. Its counters must have been read just before, so that
   * what it used is charged as it was.
   */
  public void put(FunctionPod pod, String month) {
    var owner =
        new Owner(
            new UsageKey(pod.ref().namespace(), pod.function(), pod.priceClass().name()),
            pod.priceClass().nanoUnitsPerCpuSecond());
    if (owner.equals(owners.put(pod.uid(), owner))) {
      return;
    }
    PodMeter meter = pods.get(pod.uid());
    if (meter == null || owner.equals(meter.owner)) {
      return;
    }
    meter.owner = owner;
    stateDue = true;
    if (!meter.waiting.equals(Waiting.NOTHING)) {
      charge(month, owner, meter.waiting.cpuMicros(), meter.waiting.byteSeconds());
      meter.waiting = Waiting.NOTHING;
    }
    if (meter.ended) {
      pods.remove(pod.uid());
    }
  }

  /**
   * The API server tells of these function pods and of no others. What a pod's cgroup still uses is
   * charged to whom it belonged.
   */
  public void retain(Set<String> uids) {
    owners.keySet().retainAll(uids);
  }

  /** The pods that are metered and whose cgroups were there when they were last read. */
  public Set<String> living() {
    var living = new HashSet<String>();
    pods.forEach(
        (uid, pod) -> {
          if (!pod.ended) {
            living.add(uid);
          }
        });
    return living;
  }

  /** Whether it is known who pays for a pod. */
  public boolean isOwned(String uid) {
    PodMeter pod = pods.get(uid);
    return owners.containsKey(uid) || (pod != null && pod.owner != null);
  }

  /** A pod's cgroup is there, and what it used before is not charged. */
  public void skip(String uid, Reading reading) {
    var meter = new PodMeter(reading);
    meter.owner = owners.get(uid);
    pods.put(uid, meter);
    stateDue = true;
  }

  /** A pod's counters. Those of a pod that was never read count from 0. */
  public void read(String uid, Reading reading, String month) {
    PodMeter meter = pods.get(uid);
    if (meter != null && (meter.ended || meter.last.cgroup() != reading.cgroup())) {
      // Another cgroup of the same pod, which begins at 0 again. Who pays stays.
      Owner owner = meter.owner;
      Waiting waiting = meter.waiting;
      meter = new PodMeter(beginOf(reading));
      meter.owner = owner;
      meter.waiting = waiting;
      pods.put(uid, meter);
    }
    if (meter == null) {
      meter = new PodMeter(beginOf(reading));
      meter.owner = owners.get(uid);
      pods.put(uid, meter);
    }
    Reading last = meter.last;
    long micros = Math.max(0, reading.cpuMicros() - last.cpuMicros());
    BigInteger[] memory =
        byteNanos(last, reading)
            .add(BigInteger.valueOf(meter.memoryRemainder))
            .divideAndRemainder(NANOS);
    long byteSeconds = memory[0].longValueExact();
    meter.memoryRemainder = memory[1].longValueExact();
    // A counter that went back, which the kernel does not do, is not followed down.
    meter.last =
        new Reading(
            reading.cgroup(),
            reading.atNanos(),
            Math.max(last.cpuMicros(), reading.cpuMicros()),
            reading.memoryBytes());
    if (meter.owner != null) {
      charge(month, meter.owner, micros, byteSeconds);
    } else {
      meter.waiting =
          new Waiting(
              Math.addExact(meter.waiting.cpuMicros(), micros),
              Math.addExact(meter.waiting.byteSeconds(), byteSeconds));
    }
  }

  private static Reading beginOf(Reading reading) {
    return new Reading(reading.cgroup(), reading.atNanos(), 0, reading.memoryBytes());
  }

  /** The less of both readings, for as long as it was between them: never more than was held. */
  private static BigInteger byteNanos(Reading last, Reading now) {
    return BigInteger.valueOf(Math.min(last.memoryBytes(), now.memoryBytes()))
        .multiply(BigInteger.valueOf(Math.max(0, now.atNanos() - last.atNanos())));
  }

  /** A pod's cgroup is gone: the last reading stands. */
  public void ended(String uid) {
    PodMeter meter = pods.get(uid);
    if (meter == null) {
      return;
    }
    stateDue = true;
    if (meter.owner != null || meter.waiting.equals(Waiting.NOTHING)) {
      pods.remove(uid);
    } else {
      meter.ended = true;
    }
  }

  /** A pod is no function: what was kept for its payer is dropped. */
  public void forget(String uid) {
    pods.remove(uid);
  }

  private void charge(String month, Owner owner, long micros, long byteSeconds) {
    if (micros == 0 && byteSeconds == 0) {
      return;
    }
    try {
      Amounts charge =
          Amounts.ofCpu(Math.multiplyExact(micros, 1000L), owner.nanoUnitsPerCpuSecond())
              .plus(Amounts.ofMemory(byteSeconds, memoryPrice));
      months.computeIfAbsent(month, MonthLedger::new).add(owner.key(), charge);
    } catch (ArithmeticException e) {
      refusedCharges++;
    }
  }

  /** Charges that were refused because a sum would not have fit: an error to be told of. */
  public long refusedCharges() {
    return refusedCharges;
  }

  /** Months whose stored pages must be read before anything of them can be written. */
  public List<String> unknownMonths() {
    return months.entrySet().stream()
        .filter(month -> month.getValue().isUnknown() && !month.getValue().isSettled())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The stored pages of a month, all of them in their order. */
  public void stored(String month, List<UsageStore.Page> pages) {
    stored(month, pages, false);
  }

  /**
   * The same of a month that may have been archived.
   *
   * @param archived whether a page that is not there may have been archived and deleted
   */
  public void stored(String month, List<UsageStore.Page> pages, boolean archived) {
    refusedCharges += months.computeIfAbsent(month, MonthLedger::new).stored(pages, archived);
  }

  /**
   * A month is closed: what is left of it is charged to another. Nothing happens as long as it is
   * not known what became of its last writes.
   */
  public void close(String month, String to) {
    MonthLedger ledger = months.get(month);
    if (ledger == null || ledger.isUnknown() || month.equals(to)) {
      return;
    }
    MonthLedger target = months.computeIfAbsent(to, MonthLedger::new);
    ledger
        .takeUnwritten()
        .forEach(
            (key, charge) -> {
              try {
                target.add(key, charge);
              } catch (ArithmeticException e) {
                refusedCharges++;
              }
            });
    stateDue = true;
    if (ledger.isSettled()) {
      months.remove(month);
    }
  }

  /** Months with something to write. */
  public List<String> unsettledMonths() {
    return months.entrySet().stream()
        .filter(month -> !month.getValue().isSettled())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Whether a month has changed so much that it should be written soon. */
  public boolean isSignificant(String month) {
    return Optional.ofNullable(months.get(month)).map(MonthLedger::isSignificant).orElse(false);
  }

  /**
   * Begins to write a month, as far as its stored pages are known. The state must be kept before
   * the first of the writes is carried out; each must be {@link #done} or {@link #failed}.
   */
  public List<UsageWrite> begin(String month) {
    MonthLedger ledger = months.get(month);
    List<UsageWrite> writes = ledger == null ? List.of() : ledger.begin();
    stateDue |= !writes.isEmpty();
    return new ArrayList<>(writes);
  }

  /** A write was stored. */
  public void done(UsageWrite write, String currentMonth) {
    MonthLedger ledger = months.get(write.month());
    if (ledger != null) {
      ledger.done(write);
      if (!write.month().equals(currentMonth) && ledger.isSettled()) {
        months.remove(write.month());
      }
    }
  }

  /** A write failed, or nobody knows. */
  public void failed(UsageWrite write) {
    MonthLedger ledger = months.get(write.month());
    if (ledger != null) {
      ledger.failed(write);
    }
  }

  /** All charges of a month that are known of here. */
  public Map<UsageKey, Amounts> total(String month) {
    MonthLedger ledger = months.get(month);
    return ledger == null ? Map.of() : ledger.total();
  }
}
