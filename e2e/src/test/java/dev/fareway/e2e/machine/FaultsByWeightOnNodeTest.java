package dev.fareway.e2e.machine;

import java.util.Map;

/** With the cpu controller on, as a kubelet has it: this kernel refuses SCHED_FIFO. */
class FaultsByWeightOnNodeTest extends FaultsOnNode {
  @Override
  String controllers() {
    return "+cpu +memory";
  }

  @Override
  int kills() {
    return 50;
  }

  @Override
  String threadsOf(String priceClass) {
    return priceClass.equals("cheap") ? "policy 5, " : "policy 0, priority 0, nice 0, ";
  }

  @Override
  Map<String, String> filesOf(String priceClass) {
    return switch (priceClass) {
      case "dear" -> Map.of("cpu.weight", "10000", "cpu.idle", "0");
      case "middle" -> Map.of("cpu.weight", "100", "cpu.idle", "0");
      default -> Map.of("cpu.idle", "1");
    };
  }
}
