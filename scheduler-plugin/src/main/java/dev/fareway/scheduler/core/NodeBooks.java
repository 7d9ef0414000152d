package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a node has and what of it is taken by declared needs.
 *
 * <p>As with Kubernetes' own scheduler, who needs nothing of a kind fits even where more than all
 * of that kind is taken already (a node may shrink).
 */
class NodeBooks {
  private Room has = Room.NONE;

  /** What there is less what is taken, which may be more than there is. */
  private long freeMilliCpus;

  private long freeMemoryBytes;
  private long freePods;

  /**
   * The node's place in the order of choice as one number, less is better: functions in the upper
   * bits, then what of the most memory is missing. It stands here because it is read with what is
   * above.
   */
  long weight;

  /** Empty on most nodes, so they are made on first use. */
  private Map<String, Long> takenOthers = Map.of();

  private List<HostPort> takenPorts = List.of();

  final Room has() {
    return has;
  }

  final void has(Room room) {
    freeMilliCpus += room.milliCpus() - has.milliCpus();
    freeMemoryBytes += room.memoryBytes() - has.memoryBytes();
    freePods += room.pods() - has.pods();
    has = room;
  }

  /** What room there is, in brief. */
  final long brief(boolean reachable) {
    return Brief.room(freeMilliCpus, freeMemoryBytes, freePods, reachable);
  }

  final long freeMemoryBytes() {
    return Math.max(0, freeMemoryBytes);
  }

  final boolean isUnused() {
    return freePods == has.pods();
  }

  final void take(Room needs) {
    freeMilliCpus -= needs.milliCpus();
    freeMemoryBytes -= needs.memoryBytes();
    freePods -= needs.pods();
    if (!needs.isPlain()) {
      if (takenOthers.isEmpty()) {
        takenOthers = new HashMap<>();
      }
      needs.others().forEach((name, amount) -> takenOthers.merge(name, amount, Long::sum));
      if (takenPorts.isEmpty()) {
        takenPorts = new ArrayList<>();
      }
      takenPorts.addAll(needs.hostPorts());
    }
  }

  final void giveBack(Room needs) {
    freeMilliCpus += needs.milliCpus();
    freeMemoryBytes += needs.memoryBytes();
    freePods += needs.pods();
    if (!needs.isPlain()) {
      needs.others().forEach((name, amount) -> takenOthers.merge(name, -amount, Long::sum));
      needs.hostPorts().forEach(takenPorts::remove);
    }
  }

  final NodeBooks copy() {
    var copy = new NodeBooks();
    copy.has = has;
    copy.freeMilliCpus = freeMilliCpus;
    copy.freeMemoryBytes = freeMemoryBytes;
    copy.freePods = freePods;
    copy.takenOthers = takenOthers.isEmpty() ? Map.of() : new HashMap<>(takenOthers);
    copy.takenPorts = takenPorts.isEmpty() ? List.of() : new ArrayList<>(takenPorts);
    return copy;
  }

  /** Whether there is room for what was taken in advance. */
  final boolean hasRoomForTaken(Room taken) {
    giveBack(taken);
    boolean fits = hasRoomFor(taken);
    take(taken);
    return fits;
  }

  final boolean hasRoomFor(Room needs) {
    return fits(needs.milliCpus(), freeMilliCpus)
        && fits(needs.memoryBytes(), freeMemoryBytes)
        && fits(needs.pods(), freePods)
        && (needs.isPlain() || hasTheRest(needs));
  }

  final boolean couldEverHold(Room needs) {
    if (needs.milliCpus() > has.milliCpus()
        || needs.memoryBytes() > has.memoryBytes()
        || needs.pods() > has.pods()) {
      return false;
    }
    for (var other : needs.others().entrySet()) {
      if (other.getValue() > has.others().getOrDefault(other.getKey(), 0L)) {
        return false;
      }
    }
    return true;
  }

  /** What there is too little of at the moment, in words; empty if there is room. */
  final Optional<String> lacks(Room needs) {
    if (!fits(needs.milliCpus(), freeMilliCpus)) {
      return Optional.of("with too little CPU not yet requested by others");
    }
    if (!fits(needs.memoryBytes(), freeMemoryBytes)) {
      return Optional.of("with too little memory not yet requested by others");
    }
    if (!fits(needs.pods(), freePods)) {
      return Optional.of("with as many pods as they may have");
    }
    for (var other : needs.others().entrySet()) {
      if (!fitsOther(other.getKey(), other.getValue())) {
        return Optional.of(
            "with too little %s not yet requested by others".formatted(other.getKey()));
      }
    }
    return portsAreFree(needs.hostPorts())
        ? Optional.empty()
        : Optional.of("whose host ports are taken");
  }

  /** Whether there is more of something than in {@code before}. */
  final boolean hasMoreThan(Room before) {
    if (has.milliCpus() > before.milliCpus()
        || has.memoryBytes() > before.memoryBytes()
        || has.pods() > before.pods()) {
      return true;
    }
    for (var other : has.others().entrySet()) {
      if (other.getValue() > before.others().getOrDefault(other.getKey(), 0L)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the same is taken as in other books. */
  final boolean agreesWith(NodeBooks other) {
    return has.milliCpus() - freeMilliCpus == other.has.milliCpus() - other.freeMilliCpus
        && has.memoryBytes() - freeMemoryBytes == other.has.memoryBytes() - other.freeMemoryBytes
        && has.pods() - freePods == other.has.pods() - other.freePods
        && takenPorts.size() == other.takenPorts.size()
        && Set.copyOf(takenPorts).equals(Set.copyOf(other.takenPorts))
        && Stream.concat(takenOthers.keySet().stream(), other.takenOthers.keySet().stream())
            .allMatch(
                name ->
                    takenOthers
                        .getOrDefault(name, 0L)
                        .equals(other.takenOthers.getOrDefault(name, 0L)));
  }

  private boolean hasTheRest(Room needs) {
    for (var other : needs.others().entrySet()) {
      if (!fitsOther(other.getKey(), other.getValue())) {
        return false;
      }
    }
    return portsAreFree(needs.hostPorts());
  }

  private boolean fitsOther(String name, long amount) {
    return fits(amount, has.others().getOrDefault(name, 0L) - takenOthers.getOrDefault(name, 0L));
  }

  private boolean portsAreFree(List<HostPort> wanted) {
    for (HostPort port : wanted) {
      for (HostPort taken : takenPorts) {
        if (port.collidesWith(taken)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean fits(long needed, long free) {
    return needed <= free || needed == 0;
  }
}
