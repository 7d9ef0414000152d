package dev.fareway.e2e.machine;

import java.util.Map;

/** Without the cpu controller this kernel allows SCHED_FIFO. */
class FaultsInRealTimeOnNodeTest extends FaultsOnNode {
  @Override
  String controllers() {
    return "+memory";
  }

  @Override
  int kills() {
    return 100;
  }

  @Override
  String threadsOf(String priceClass) {
    return switch (priceClass) {
      case "dear" -> "policy 1, priority 3, ";
      case "middle" -> "policy 1, priority 1, ";
      default -> "policy 5, ";
    };
  }

  @Override
  Map<String, String> filesOf(String priceClass) {
    return Map.of();
  }
}
