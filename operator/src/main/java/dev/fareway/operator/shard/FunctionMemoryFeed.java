package dev.fareway.operator.shard;

import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.operator.usage.UsageObserver;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells placement by how much each function's memory over time has grown on a node. */
@ApplicationScoped
public class FunctionMemoryFeed implements UsageObserver {
  private final ShardHost shards;

  FunctionMemoryFeed(ShardHost shards) {
    this.shards = shards;
  }

  @Override
  public void usageChanged(@Nullable NodeUsage before, @Nullable NodeUsage now) {
    // Of an object that is new here it is not known since when it has grown.
    if (before != null && now != null) {
      Map<String, Long> growth = growth(before, now);
      if (!growth.isEmpty()) {
        shards.memoryUsed(growth);
      }
    }
  }

  /** Byte seconds by function, as {@code namespace/function}, in whatever class it ran. */
  static Map<String, Long> growth(NodeUsage before, NodeUsage now) {
    var growth = new HashMap<String, Long>();
    for (Usage usage : usageOf(now)) {
      growth.merge(nameOf(usage), usage.memoryByteSeconds(), Long::sum);
    }
    for (Usage usage : usageOf(before)) {
      growth.merge(nameOf(usage), -usage.memoryByteSeconds(), Long::sum);
    }
    growth.values().removeIf(bytes -> bytes <= 0);
    return growth;
  }

  private static String nameOf(Usage usage) {
    return usage.namespace() + "/" + usage.function();
  }

  private static List<Usage> usageOf(NodeUsage object) {
    return object.getStatus() == null ? List.of() : object.getStatus().usage();
  }
}
