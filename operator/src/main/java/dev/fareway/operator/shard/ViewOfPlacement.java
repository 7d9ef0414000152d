package dev.fareway.operator.shard;

import dev.fareway.operator.shard.PlacementView.Queue;
import dev.fareway.operator.shard.PlacementView.WaitingPod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/** Adds up those who wait, in one pass: how many and how long by class, and who is next. */
final class ViewOfPlacement {
  private static final class Tally {
    int waiting;
    long longestNanos;

    void add(long waitedNanos) {
      waiting++;
      longestNanos = Math.max(longestNanos, waitedNanos);
    }
  }

  /** A pod that waits, with what it is ordered by. */
  private record Candidate(KnownPod pod, long waitedNanos, double score) {}

  private final Map<String, Long> prices;
  private final Set<Integer> held;
  private final long nowNanos;
  private final Map<String, Tally> byClass = new HashMap<>();
  private final Map<Integer, Map<String, Tally>> byShard = new HashMap<>();

  /** Those next in turn; the last of them first. */
  private final PriorityQueue<Candidate> next =
      new PriorityQueue<>(Comparator.comparingDouble(Candidate::score));

  ViewOfPlacement(Map<String, Long> prices, Set<Integer> held, long nowNanos) {
    this.prices = prices;
    this.held = held;
    this.nowNanos = nowNanos;
  }

  void add(KnownPod pod, long createdNanos) {
    long waited = Math.max(0, nowNanos - createdNanos);
    byClass.computeIfAbsent(pod.priceClass, _ -> new Tally()).add(waited);
    if (!held.contains(pod.shard)) {
      return;
    }
    byShard
        .computeIfAbsent(pod.shard, _ -> new TreeMap<>())
        .computeIfAbsent(pod.priceClass, _ -> new Tally())
        .add(waited);
    double score = (double) prices.getOrDefault(pod.priceClass, 0L) * waited;
    Candidate last = next.peek();
    if (next.size() < PlacementView.MOST_WAITING) {
      next.add(new Candidate(pod, waited, score));
    } else if (last != null && last.score < score) {
      next.remove();
      next.add(new Candidate(pod, waited, score));
    }
  }

  int waiting(String priceClass) {
    Tally of = byClass.get(priceClass);
    return of == null ? 0 : of.waiting;
  }

  long longestWaitNanos(String priceClass) {
    Tally of = byClass.get(priceClass);
    return of == null ? 0 : of.longestNanos;
  }

  List<Queue> queues(int shard) {
    var queues = new ArrayList<Queue>();
    byShard
        .getOrDefault(shard, Map.of())
        .forEach((name, of) -> queues.add(new Queue(name, of.waiting, of.longestNanos)));
    return queues;
  }

  List<WaitingPod> next() {
    return next.stream()
        .sorted(Comparator.comparingDouble(Candidate::score).reversed())
        .map(
            of ->
                new WaitingPod(
                    of.pod.ref.namespace(),
                    of.pod.ref.name(),
                    of.pod.priceClass,
                    of.pod.shard,
                    of.waitedNanos,
                    reason(of.pod)))
        .toList();
  }

  private static String reason(KnownPod pod) {
    if (pod.binding) {
      return "Is being bound to its node.";
    }
    return pod.said.isEmpty() ? "Waits for its turn." : pod.said;
  }
}
