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
final class NodeBooks {
  private Room has = Room.NONE;
  private long takenMilliCpus;
  private long takenMemoryBytes;
  private long takenPods;

  /** Empty on most nodes, so they are made on first use. */
  private Map<String, Long> takenOthers = Map.of();

  private List<HostPort> takenPorts = List.of();

  Room has() {
    return has;
  }

  void has(Room room) {
    has = room;
  }

  long freeMemoryBytes() {
    return Math.max(0, has.memoryBytes() - takenMemoryBytes);
  }

  boolean isUnused() {
    return takenPods == 0;
  }

  void take(Room needs) {
    takenMilliCpus += needs.milliCpus();
    takenMemoryBytes += needs.memoryBytes();
    takenPods += needs.pods();
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

  void giveBack(Room needs) {
    takenMilliCpus -= needs.milliCpus();
    takenMemoryBytes -= needs.memoryBytes();
    takenPods -= needs.pods();
    if (!needs.isPlain()) {
      needs.others().forEach((name, amount) -> takenOthers.merge(name, -amount, Long::sum));
      needs.hostPorts().forEach(takenPorts::remove);
    }
  }

  NodeBooks copy() {
    var copy = new NodeBooks();
    copy.has = has;
    copy.takenMilliCpus = takenMilliCpus;
    copy.takenMemoryBytes = takenMemoryBytes;
    copy.takenPods = takenPods;
    copy.takenOthers = takenOthers.isEmpty() ? Map.of() : new HashMap<>(takenOthers);
    copy.takenPorts = takenPorts.isEmpty() ? List.of() : new ArrayList<>(takenPorts);
    return copy;
  }

  /** Whether there is room for what was taken in advance. */
  boolean hasRoomForTaken(Room taken) {
    giveBack(taken);
    boolean fits = hasRoomFor(taken);
    take(taken);
    return fits;
  }

  boolean hasRoomFor(Room needs) {
    return fits(needs.milliCpus(), takenMilliCpus, has.milliCpus())
        && fits(needs.memoryBytes(), takenMemoryBytes, has.memoryBytes())
        && fits(needs.pods(), takenPods, has.pods())
        && (needs.isPlain() || hasTheRest(needs));
  }

  boolean couldEverHold(Room needs) {
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
  Optional<String> lacks(Room needs) {
    if (!fits(needs.milliCpus(), takenMilliCpus, has.milliCpus())) {
      return Optional.of("with too little CPU not yet requested by others");
    }
    if (!fits(needs.memoryBytes(), takenMemoryBytes, has.memoryBytes())) {
      return Optional.of("with too little memory not yet requested by others");
    }
    if (!fits(needs.pods(), takenPods, has.pods())) {
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
  boolean hasMoreThan(Room before) {
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
  boolean agreesWith(NodeBooks other) {
    return takenMilliCpus == other.takenMilliCpus
        && takenMemoryBytes == other.takenMemoryBytes
        && takenPods == other.takenPods
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
    return fits(amount, takenOthers.getOrDefault(name, 0L), has.others().getOrDefault(name, 0L));
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

  /** Written as a difference: a sum could overflow. */
  private static boolean fits(long needed, long taken, long has) {
    return needed == 0 || needed <= has - taken;
  }
}
