package dev.fareway.operator.shard;

import java.util.Map;

/** Port: what a budget says of pods that wait for a node. */
public interface PlacementGuard {
  /** What is said. */
  sealed interface Ruling {
    /** Nothing. */
    record Free() implements Ruling {}

    /**
     * It waits in a cheaper class, if its own is dearer.
     *
     * @param priceClass name of that class
     */
    record Degraded(String priceClass) implements Ruling {}

    /**
     * It is not placed for now.
     *
     * @param message for its owner
     */
    record Throttled(String message) implements Ruling {}
  }

  /** A guard that lets everything pass. */
  PlacementGuard NONE = (namespace, labels) -> new Ruling.Free();

  /** Judges a pod by its namespace and labels. */
  Ruling judge(String namespace, Map<String, String> labels);
}
