package dev.fareway.operator.usage;

import dev.fareway.crds.NodeUsage;
import org.jspecify.annotations.Nullable;

/** Port: is told of every change of a node's usage, on the watch's thread: must not block. */
public interface UsageObserver {
  /**
   * An object was created, changed or deleted.
   *
   * @param before as it was told of last; null: it is new
   * @param now null: it is gone
   */
  void usageChanged(@Nullable NodeUsage before, @Nullable NodeUsage now);
}
