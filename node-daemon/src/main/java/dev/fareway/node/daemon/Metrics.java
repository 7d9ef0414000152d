package dev.fareway.node.daemon;

/** The daemon's metrics in Prometheus' text format. */
final class Metrics {
  private Metrics() {}

  static String render(
      String version,
      String enforcement,
      int pods,
      int throttled,
      long changes,
      long failures,
      int floor) {
    return """
        # HELP fareway_build_info Which release this is.
        # TYPE fareway_build_info gauge
        fareway_build_info{component="node-daemon",version="%s"} 1
        # HELP fareway_node_enforcement What is in force on this node.
        # TYPE fareway_node_enforcement gauge
        fareway_node_enforcement{mode="%s"} 1
        # HELP fareway_node_function_pods Function pods on this node.
        # TYPE fareway_node_function_pods gauge
        fareway_node_function_pods %d
        # HELP fareway_node_throttled_pods Function pods that a budget holds to less CPU.
        # TYPE fareway_node_throttled_pods gauge
        fareway_node_throttled_pods %d
        # HELP fareway_node_policy_changes_total Thread policies and weights that were set.
        # TYPE fareway_node_policy_changes_total counter
        fareway_node_policy_changes_total %d
        # HELP fareway_node_policy_failures_total Thread policies and weights that could not be set.
        # TYPE fareway_node_policy_failures_total counter
        fareway_node_policy_failures_total %d
        # HELP fareway_node_realtime_floor_rank Classes below this rank were taken off real time.
        # TYPE fareway_node_realtime_floor_rank gauge
        fareway_node_realtime_floor_rank %d
        """
        .formatted(version, enforcement, pods, throttled, changes, failures, floor);
  }
}
