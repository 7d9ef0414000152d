package dev.fareway.node.daemon;

import dev.fareway.node.core.FunctionMemory;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.MemoryDecision;
import dev.fareway.node.core.MemoryState;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** What the memory manager did so far, for the metrics. Thread-safe. */
final class MemoryFigures {
  private final AtomicLong stalls = new AtomicLong();
  private final AtomicLong pushedOut = new AtomicLong();
  private final AtomicLong broughtBack = new AtomicLong();
  private final AtomicLong evicted = new AtomicLong();
  private final AtomicLong killed = new AtomicLong();
  private volatile boolean managed;
  private volatile MemoryState state = MemoryState.NORMAL;
  private volatile int front = -1;
  private volatile Map<String, Long> swapped = Map.of();

  void manage() {
    managed = true;
  }

  void take(
      MemoryDecision decision, Collection<FunctionMemory> held, Map<String, FunctionPod> pods) {
    state = decision.state();
    front = decision.front();
    var byClass = new TreeMap<String, Long>();
    for (FunctionMemory of : held) {
      FunctionPod pod = pods.get(of.uid());
      if (pod != null) {
        byClass.merge(pod.priceClass().name(), of.swappedBytes(), Long::sum);
      }
    }
    swapped = byClass;
  }

  void stalled() {
    stalls.incrementAndGet();
  }

  void pushedOut(long bytes) {
    pushedOut.addAndGet(bytes);
  }

  void broughtBack(long bytes) {
    broughtBack.addAndGet(bytes);
  }

  void evicted() {
    evicted.incrementAndGet();
  }

  void killed() {
    killed.incrementAndGet();
  }

  /** Normal, Pressure or Critical; empty where memory is not managed. */
  String state() {
    if (!managed) {
      return "";
    }
    return switch (state) {
      case NORMAL -> "Normal";
      case PRESSURE -> "Pressure";
      case CRITICAL -> "Critical";
    };
  }

  /** Functions' memory in swap. */
  long swappedBytes() {
    long sum = 0;
    for (long bytes : swapped.values()) {
      sum += bytes;
    }
    return sum;
  }

  String render() {
    var text = new StringBuilder();
    gauge(text, "fareway_node_memory_managed", "Whether functions' memory is managed here.");
    text.append("fareway_node_memory_managed ").append(managed ? 1 : 0).append('\n');
    gauge(text, "fareway_node_memory_state", "How short of memory the node is.");
    for (MemoryState one : MemoryState.values()) {
      text.append(
          "fareway_node_memory_state{state=\"%s\"} %d\n".formatted(one, one == state ? 1 : 0));
    }
    gauge(
        text,
        "fareway_node_swap_front_rank",
        "Highest rank that the kernel may swap by itself; -1: none.");
    text.append("fareway_node_swap_front_rank ").append(front).append('\n');
    gauge(text, "fareway_node_swapped_bytes", "Functions' memory in swap, by price class.");
    swapped.forEach(
        (name, bytes) ->
            text.append(
                "fareway_node_swapped_bytes{price_class=\"%s\"} %d\n".formatted(name, bytes)));
    counter(
        text,
        "fareway_node_memory_stalls_total",
        "How often the kernel told that work stalls for want of memory (PSI).",
        stalls);
    counter(text, "fareway_node_swapped_out_bytes_total", "Pushed out to swap.", pushedOut);
    counter(text, "fareway_node_swapped_in_bytes_total", "Brought back ahead of use.", broughtBack);
    counter(text, "fareway_node_evictions_total", "Evictions for want of memory.", evicted);
    counter(text, "fareway_node_kills_total", "Kills for want of memory.", killed);
    return text.toString();
  }

  private static void gauge(StringBuilder text, String name, String help) {
    text.append("# HELP %s %s\n# TYPE %s gauge\n".formatted(name, help, name));
  }

  private static void counter(StringBuilder text, String name, String help, AtomicLong value) {
    text.append(
        "# HELP %s %s\n# TYPE %s counter\n%s %d\n".formatted(name, help, name, name, value.get()));
  }
}
