package dev.fareway.node.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides whose memory goes when a node runs short, and whose comes back first: a state machine on
 * the node's available memory, with hysteresis.
 *
 * <p><b>Normal to pressure</b> when less than the low watermark is available (the high one, where
 * the kernel says that work is stalled). <b>Pressure to normal</b> at the high watermark.
 * <b>Pressure to critical</b> when less than the critical watermark is available and nothing was
 * got for a while, neither by pushing out nor by the kernel: {@link #PATIENCE_NANOS} where swap is
 * full, {@link #LONG_PATIENCE_NANOS} where it is not but nobody has anything left, lest a slow
 * device be taken for that.
 *
 * <p>Under pressure the cheapest class gives first, within it the function that ran least recently.
 * A class gives only when all cheaper ones have nothing left. A function has nothing left for
 * {@link #REST_NANOS} when two steps in a row got less than a quarter of what they asked for.
 *
 * <p>The <em>front</em> does the same for what the kernel swaps by itself, when memory is taken
 * more quickly than anyone can look: only classes up to the front may be swapped at all. It moves
 * up when what they still hold is less than the low watermark, so that the kernel is never without
 * a victim while there is swap, and down again when they hold twice as much. While much more is
 * available than the high watermark it is the cheapest class alone.
 *
 * <p>In critical state the cheapest function goes, within its class the one that holds most, one at
 * a time: evicted, and killed when that takes too long. A class whose memory is never swapped has
 * no better place in this: price alone decides.
 *
 * <p>In normal state, after {@link #CALM_NANOS}, memory comes back, dearest class first, within it
 * who ran most recently; functions of the cheapest class only if they ran lately. It never takes
 * what would bring the node back to the high watermark.
 *
 * <p>Pure: readings and the time are passed in. Not thread-safe.
 */
public final class MemoryManager {
  static final long PATIENCE_NANOS = 500_000_000L;
  static final long LONG_PATIENCE_NANOS = 3_000_000_000L;
  static final long REST_NANOS = 1_000_000_000L;
  static final long CALM_NANOS = 2_000_000_000L;
  static final long LATELY_NANOS = 60_000_000_000L;
  static final long NOTHING_BROUGHT_NANOS = 30_000_000_000L;

  /** How long an eviction may take before the function is killed. */
  static final long EVICTION_NANOS = 3_000_000_000L;

  /** The same when not even half of the critical watermark is left. */
  static final long SHORT_EVICTION_NANOS = 200_000_000L;

  /** After a kill, before the next victim: the memory comes back while processes end. */
  static final long KILL_NANOS = 2_000_000_000L;

  static final long GRACE_SECONDS = 1;
  static final int STRIKES = 2;

  /** Below that a function is not worth the while. */
  static final long CRUMB_BYTES = 1024 * 1024;

  private static final int WORTHWHILE = 4;
  private static final long SWAP_RESERVE_SHARE = 64;

  private static final Comparator<FunctionMemory> PUSHED_FIRST =
      Comparator.comparingInt(FunctionMemory::rank)
          .thenComparingLong(FunctionMemory::lastRanNanos)
          .thenComparing(Comparator.comparingLong(FunctionMemory::residentBytes).reversed())
          .thenComparing(FunctionMemory::uid);

  private static final Comparator<FunctionMemory> BACK_FIRST =
      Comparator.comparingInt(FunctionMemory::rank)
          .reversed()
          .thenComparing(Comparator.comparingLong(FunctionMemory::lastRanNanos).reversed())
          .thenComparing(FunctionMemory::uid);

  private static final Comparator<FunctionMemory> GONE_FIRST =
      Comparator.comparingInt(FunctionMemory::rank)
          .thenComparing(Comparator.comparingLong(FunctionMemory::bytes).reversed())
          .thenComparing(FunctionMemory::uid);

  private record Rest(int strikes, long sinceNanos, long residentBytes) {}

  private record Dying(String uid, long sinceNanos, boolean killed, boolean hopeless) {}

  private final MemoryOptions options;
  private final Map<String, Rest> rests = new HashMap<>();
  private final Map<String, Long> nothingBrought = new HashMap<>();
  private MemoryState state = MemoryState.NORMAL;
  private long stateSince;
  private boolean started;
  private int front = -1;
  private boolean out;

  /** Since when less than the critical watermark is available and nothing was got. */
  private long outSince;

  /** How much of swap was free then. */
  private long outSwapFree;

  private @Nullable Dying dying;

  public MemoryManager(MemoryOptions options) {
    this.options = options;
  }

  /** How short the node is, as last decided. */
  public MemoryState state() {
    return state;
  }

  /**
   * Decides on a reading.
   *
   * @param functions all function pods of the node, each once
   * @param nowNanos on a clock that only grows
   */
  public MemoryDecision decide(
      MemoryReading reading, Collection<FunctionMemory> functions, long nowNanos) {
    forgetAllBut(functions.stream().map(FunctionMemory::uid).collect(Collectors.toSet()));
    List<FunctionMemory> givers =
        isFull(reading)
            ? List.of()
            : functions.stream()
                .filter(function -> canGive(function, nowNanos))
                .sorted(PUSHED_FIRST)
                .toList();
    move(reading, givers.isEmpty(), nowNanos);
    front = front(reading, functions);
    var actions = new ArrayList<MemoryAction>();
    switch (state) {
      case NORMAL -> bringBack(reading, functions, nowNanos).ifPresent(actions::add);
      case PRESSURE ->
          givers.stream().findFirst().map(giver -> pushOut(reading, giver)).ifPresent(actions::add);
      case CRITICAL -> end(reading, functions, nowNanos).ifPresent(actions::add);
    }
    return new MemoryDecision(state, front, actions);
  }

  /** What a push gave: memory freed, or written to swap. */
  public void pushedOut(String uid, long askedBytes, long gotBytes, long residentBytes, long now) {
    if (gotBytes >= askedBytes / WORTHWHILE) {
      rests.remove(uid);
      outSince = now;
      return;
    }
    int strikes = rests.containsKey(uid) ? rests.get(uid).strikes + 1 : 1;
    rests.put(uid, new Rest(strikes, now, residentBytes));
  }

  /** What was brought back: how much of it was found in swap and asked for. */
  public void broughtBack(String uid, long askedBytes, long gotBytes, long now) {
    if (gotBytes < askedBytes / WORTHWHILE) {
      nothingBrought.put(uid, now);
    }
  }

  /** An eviction that does not happen: nothing is to be waited for. */
  public void notEvicted(String uid) {
    if (dying != null && dying.uid.equals(uid)) {
      dying = new Dying(uid, dying.sinceNanos, dying.killed, true);
    }
  }

  private void forgetAllBut(Set<String> uids) {
    rests.keySet().retainAll(uids);
    nothingBrought.keySet().retainAll(uids);
    if (dying != null && !uids.contains(dying.uid)) {
      dying = null;
    }
  }

  /** A little stays free: the kernel reads ahead, and shares the last of it among processors. */
  private static boolean isFull(MemoryReading reading) {
    return reading.swapFreeBytes() <= reading.swapTotalBytes() / SWAP_RESERVE_SHARE;
  }

  private boolean canGive(FunctionMemory function, long now) {
    if (!function.swappable() || function.residentBytes() < CRUMB_BYTES) {
      return false;
    }
    Rest rest = rests.get(function.uid());
    return rest == null
        || rest.strikes < STRIKES
        || now - rest.sinceNanos >= REST_NANOS
        || function.residentBytes() >= rest.residentBytes + options.stepBytes();
  }

  private void move(MemoryReading reading, boolean nobodyGives, long now) {
    long available = reading.availableBytes();
    boolean isOut = available < options.criticalBytes();
    // What the kernel swaps by itself is got as well, and what a slow device is still writing.
    if (isOut && (!out || reading.swapFreeBytes() <= outSwapFree - CRUMB_BYTES)) {
      outSince = now;
      outSwapFree = reading.swapFreeBytes();
    }
    outSwapFree = Math.max(outSwapFree, reading.swapFreeBytes());
    out = isOut;
    long patience = isFull(reading) ? PATIENCE_NANOS : LONG_PATIENCE_NANOS;
    long begin = reading.stalled() ? options.highBytes() : options.lowBytes();
    MemoryState next =
        switch (state) {
          case NORMAL -> available < begin ? MemoryState.PRESSURE : MemoryState.NORMAL;
          case PRESSURE -> {
            if (available >= options.highBytes()) {
              yield MemoryState.NORMAL;
            }
            yield out && nobodyGives && now - outSince >= patience
                ? MemoryState.CRITICAL
                : MemoryState.PRESSURE;
          }
          case CRITICAL -> {
            if (available >= options.highBytes()) {
              yield MemoryState.NORMAL;
            }
            yield !nobodyGives || available >= options.lowBytes()
                ? MemoryState.PRESSURE
                : MemoryState.CRITICAL;
          }
        };
    if (next != state || !started) {
      started = true;
      state = next;
      stateSince = now;
      if (state == MemoryState.NORMAL) {
        dying = null;
      }
    }
  }

  /** The lowest rank up to which enough is there to swap. */
  private int front(MemoryReading reading, Collection<FunctionMemory> functions) {
    var residents = new TreeMap<Integer, Long>();
    for (FunctionMemory function : functions) {
      if (function.swappable()) {
        residents.merge(function.rank(), function.residentBytes(), Long::sum);
      }
    }
    if (residents.isEmpty()) {
      return -1;
    }
    if (state == MemoryState.NORMAL && reading.availableBytes() >= 2 * options.highBytes()) {
      return residents.firstKey();
    }
    long sum = 0;
    for (var of : residents.entrySet()) {
      sum += of.getValue();
      long enough = of.getKey() < front ? 2 * options.lowBytes() : options.lowBytes();
      if (sum >= enough) {
        return of.getKey();
      }
    }
    return residents.lastKey();
  }

  private MemoryAction pushOut(MemoryReading reading, FunctionMemory giver) {
    long missing = options.highBytes() - reading.availableBytes() + CRUMB_BYTES;
    long bytes = Math.min(Math.min(missing, options.stepBytes()), giver.residentBytes());
    return new MemoryAction.PushOut(
        giver.uid(), Math.max(CRUMB_BYTES, bytes), options.freeze() && giver.freezable());
  }

  private Optional<MemoryAction> bringBack(
      MemoryReading reading, Collection<FunctionMemory> functions, long now) {
    long spare = reading.availableBytes() - options.highBytes() - options.stepBytes();
    if (now - stateSince < CALM_NANOS || spare < CRUMB_BYTES) {
      return Optional.empty();
    }
    int cheapest = functions.stream().mapToInt(FunctionMemory::rank).min().orElse(0);
    return functions.stream()
        .filter(function -> function.swappedBytes() >= CRUMB_BYTES)
        .filter(
            function -> function.rank() > cheapest || now - function.lastRanNanos() < LATELY_NANOS)
        .filter(
            function ->
                !nothingBrought.containsKey(function.uid())
                    || now - nothingBrought.get(function.uid()) >= NOTHING_BROUGHT_NANOS)
        .min(BACK_FIRST)
        .map(
            function ->
                new MemoryAction.BringBack(
                    function.uid(),
                    Math.min(Math.min(spare, options.stepBytes()), function.swappedBytes())));
  }

  private Optional<MemoryAction> end(
      MemoryReading reading, Collection<FunctionMemory> functions, long now) {
    Dying last = dying;
    if (last != null && !last.killed) {
      long patience =
          reading.availableBytes() < options.criticalBytes() / 2
              ? SHORT_EVICTION_NANOS
              : EVICTION_NANOS;
      if (!last.hopeless && now - last.sinceNanos < patience) {
        return Optional.empty();
      }
      dying = new Dying(last.uid, now, true, false);
      return Optional.of(new MemoryAction.Kill(last.uid));
    }
    if (last != null && now - last.sinceNanos < KILL_NANOS) {
      return Optional.empty();
    }
    // One that was killed and is still there is started again by its kubelet: it may be the next.
    return functions.stream()
        .filter(function -> function.bytes() >= CRUMB_BYTES)
        .min(GONE_FIRST)
        .map(
            victim -> {
              dying = new Dying(victim.uid(), now, false, false);
              return new MemoryAction.Evict(victim.uid(), GRACE_SECONDS);
            });
  }
}
