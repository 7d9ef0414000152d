package dev.fareway.operator.shard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which Leases a replica takes, renews and gives up, so that each shard has one holder, and each
 * replica about as many as the others.
 *
 * <p>A Lease is over when it has not changed for its duration on this replica's own clock, whatever
 * times are written in it: clocks of replicas may differ by any amount. A shard that is held is
 * placed for only until {@link #heldUntilNanos}, well before another may take its Lease. Pure: the
 * time is passed in. Not thread-safe.
 */
final class LeasePolicy {
  /**
   * A Lease as it was read.
   *
   * @param shard the shard it is for, or {@link #MEMBER}: a replica's sign of life
   * @param holder who holds it; empty: nobody
   * @param version changes with every write
   */
  record Seen(String name, int shard, String holder, String version) {}

  static final int MEMBER = -1;

  /** A write. Each is conditional on the version it was decided by. */
  sealed interface Step {
    /** There is no such Lease yet. */
    record Create(int shard) implements Step {}

    /** Takes a Lease that is free, or renews one's own. */
    record Hold(Seen lease) implements Step {}

    /** Makes a Lease free for others. */
    record GiveUp(Seen lease) implements Step {}

    /** The shard is no more. */
    record Delete(Seen lease) implements Step {}
  }

  private record Observed(String version, long sinceNanos) {}

  private final String replica;
  private final long durationNanos;
  private final Map<String, Observed> observed = new HashMap<>();
  private final Map<Integer, Long> freeSince = new HashMap<>();
  private final TreeMap<Integer, Long> heldUntil = new TreeMap<>();
  private final Set<Integer> givingUp = new HashSet<>();

  /**
   * A policy that holds nothing yet.
   *
   * @param replica name of this replica, unlike every other's
   * @param duration after which a Lease that was not renewed is over
   */
  LeasePolicy(String replica, Duration duration) {
    this.replica = replica;
    this.durationNanos = duration.toNanos();
  }

  boolean isThisReplica(String holder) {
    return replica.equals(holder);
  }

  /** Until when a shard may be placed for; in the past if it is not held. */
  long heldUntilNanos(int shard) {
    return heldUntil.getOrDefault(shard, Long.MIN_VALUE);
  }

  /** The shards that are held, those that are being given up left out. */
  Set<Integer> held() {
    var held = new TreeSet<>(heldUntil.keySet());
    held.removeAll(givingUp);
    return held;
  }

  /** The shards whose Lease is still held until what was begun for them has ended. */
  Set<Integer> givingUp() {
    return Set.copyOf(givingUp);
  }

  /**
   * A Lease was written and is this replica's.
   *
   * @param askedAtNanos when the request was sent: the duration counts from there
   */
  void wrote(int shard, long askedAtNanos) {
    if (shard != MEMBER) {
      // A third of the duration is for what was sent before the end.
      heldUntil.put(shard, askedAtNanos + durationNanos / 3 * 2);
      freeSince.remove(shard);
    }
  }

  /** A shard is this replica's no more: given up, taken by another, or not renewed in time. */
  void lost(int shard) {
    heldUntil.remove(shard);
    givingUp.remove(shard);
  }

  /** The held shards whose time is over. */
  List<Integer> overdue(long nowNanos) {
    return heldUntil.entrySet().stream()
        .filter(entry -> entry.getValue() <= nowNanos)
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * What to write next.
   *
   * @param leases all there are
   * @param shards how many shards there are to be
   * @param drained the shards among {@link #givingUp} for which nothing is under way any more
   */
  List<Step> steps(List<Seen> leases, int shards, Set<Integer> drained, long nowNanos) {
    var steps = new ArrayList<Step>();
    observe(leases, nowNanos);
    var members = new TreeSet<String>();
    members.add(replica);
    var byShard = new TreeMap<Integer, Seen>();
    for (Seen lease : leases) {
      if (lease.shard != MEMBER) {
        byShard.put(lease.shard, lease);
      } else if (isAlive(lease, nowNanos)) {
        members.add(lease.holder);
      }
    }
    for (int shard : List.copyOf(heldUntil.keySet())) {
      Seen lease = byShard.get(shard);
      if (lease != null && !lease.holder.equals(replica)) {
        lost(shard);
      }
    }
    chooseToGiveUp(shards, quota(members, shards));
    int wanted = quota(members, shards) - held().size();
    var free = new ArrayList<Integer>();
    for (int shard = 0; shard < shards; shard++) {
      Seen lease = byShard.get(shard);
      if (lease != null && lease.holder.equals(replica)) {
        if (givingUp.contains(shard)) {
          steps.add(drained.contains(shard) ? new Step.GiveUp(lease) : new Step.Hold(lease));
        } else {
          // Ours, of this life or of an earlier one under the same name.
          steps.add(new Step.Hold(lease));
          wanted -= heldUntil.containsKey(shard) ? 0 : 1;
        }
        freeSince.remove(shard);
      } else if (lease == null || !isAlive(lease, nowNanos)) {
        freeSince.putIfAbsent(shard, nowNanos);
        free.add(shard);
      } else {
        freeSince.remove(shard);
      }
    }
    // Each begins elsewhere, so that replicas that start together seldom want the same.
    int start = members.headSet(replica).size() * shards / members.size();
    free.sort(Comparator.comparingInt(shard -> Math.floorMod(shard - start, shards)));
    for (int shard : free) {
      boolean neglected = nowNanos - freeSince.getOrDefault(shard, nowNanos) >= durationNanos;
      if (wanted > 0 || neglected) {
        Seen lease = byShard.get(shard);
        steps.add(lease == null ? new Step.Create(shard) : new Step.Hold(lease));
        wanted--;
      }
    }
    for (Seen lease : byShard.tailMap(shards).values()) {
      boolean ours = lease.holder.equals(replica);
      if (ours && !drained.contains(lease.shard) && heldUntil.containsKey(lease.shard)) {
        givingUp.add(lease.shard);
      } else if (ours || !isAlive(lease, nowNanos)) {
        steps.add(new Step.Delete(lease));
      }
    }
    return steps;
  }

  private void observe(List<Seen> leases, long nowNanos) {
    var names = new HashSet<String>();
    for (Seen lease : leases) {
      names.add(lease.name);
      Observed before = observed.get(lease.name);
      if (before == null || !before.version.equals(lease.version)) {
        observed.put(lease.name, new Observed(lease.version, nowNanos));
      }
    }
    observed.keySet().retainAll(names);
  }

  private boolean isAlive(Seen lease, long nowNanos) {
    Observed last = observed.get(lease.name);
    return !lease.holder.isEmpty() && last != null && nowNanos - last.sinceNanos < durationNanos;
  }

  /** The first few replicas by name have one more where the shards can't be shared out evenly. */
  private int quota(SortedSet<String> members, int shards) {
    int position = members.headSet(replica).size();
    return shards / members.size() + (position < shards % members.size() ? 1 : 0);
  }

  private void chooseToGiveUp(int shards, int quota) {
    givingUp.removeIf(shard -> shard < shards && held().size() + givingUp.size() <= quota);
    var candidates = new ArrayList<>(held());
    candidates.removeIf(shard -> shard >= shards);
    for (int i = candidates.size() - 1; i >= 0 && held().size() > quota; i--) {
      givingUp.add(candidates.get(i));
    }
  }
}
