package dev.fareway.e2e.bench;

import dev.fareway.e2e.machine.DaemonNode;
import dev.fareway.e2e.machine.Moment;
import dev.fareway.e2e.machine.UmlNode;
import dev.fareway.e2e.machine.UmlOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Functions that hold one and a half times their node's memory, on a User-Mode Linux node with the
 * packaged daemon: who is swapped, whether every byte comes back, and who goes when swap is full.
 */
final class MemoryBench {
  private static final int MEMORY_MIB = 320;
  private static final int SWAP_MIB = 400;
  private static final long MIB = 1024 * 1024;

  /** As the daemon has it by default: 10% of the node's memory. */
  private static final long LOW_BYTES = MEMORY_MIB * MIB / 10;

  private static final List<String> FUNCTIONS = List.of("cheap-a", "cheap-b", "middle", "dear");
  private static final List<Integer> HOLD_MIB = List.of(120, 120, 160, 80);
  private static final Pattern KERNEL_KILLS = Pattern.compile("Free swap +=\\s*(\\d+)kB");
  private static final Pattern DAEMON_KILLS =
      Pattern.compile("state CRITICAL: \\d+ MiB available, (\\d+) of \\d+ MiB of swap free");
  private static final int DEAR = 3;
  private static final int MIDDLE = 2;

  private MemoryBench() {}

  /** Why it can't run here; empty if it can. */
  static Optional<String> missing() {
    return UmlNode.missing().or(DaemonNode::missing);
  }

  static void run(BenchReport report) throws IOException, InterruptedException {
    var options =
        new UmlOptions(MEMORY_MIB, SWAP_MIB, Duration.ofSeconds(60), Duration.ofMinutes(15));
    try (var node = DaemonNode.on(UmlNode.boot(options))) {
      // Swap is a file here, and quick to read in order.
      node.run("echo 5 > /proc/sys/vm/page-cluster");
      node.function(1, "dear", "dear", "systemd");
      node.function(2, "middle", "middle", "cgroupfs");
      node.function(3, "cheap-a", "cheap", "systemd");
      node.function(4, "cheap-b", "cheap", "cgroupfs");
      node.startDaemon("--mode", "Weighted");
      order(node, report);
      wholeness(node, report);
      end(node, report);
    }
  }

  private static void order(DaemonNode node, BenchReport report)
      throws IOException, InterruptedException {
    long faultsBefore = node.field("dear", "memory.stat", "pgmajfault");
    node.watch("moments", FUNCTIONS);
    int held = 0;
    for (int i = 0; i < FUNCTIONS.size(); i++) {
      node.hold(FUNCTIONS.get(i), HOLD_MIB.get(i));
      held += HOLD_MIB.get(i);
    }
    node.endWatch("moments");
    List<Moment> moments =
        node.shared("moments").lines().map(line -> Moment.parse(line, FUNCTIONS.size())).toList();
    long outOfOrder =
        moments.stream()
            .filter(
                moment ->
                    moment.swapped().get(MIDDLE) > MIB
                        && moment.resident().get(0) + moment.resident().get(1) >= 2 * LOW_BYTES)
            .count();
    Moment last = moments.getLast();
    report.add("memory_held_of_nodes", held / (double) MEMORY_MIB, "times");
    report.add(
        "memory_swapped_cheapest",
        (last.swapped().get(0) + last.swapped().get(1)) / (double) MIB,
        "MiB");
    report.add("memory_swapped_middle", last.swapped().get(MIDDLE) / (double) MIB, "MiB");
    report.add(
        "memory_swapped_dearest_at_most",
        moments.stream().mapToLong(moment -> moment.swapped().get(DEAR)).max().orElse(0)
            / (double) MIB,
        "MiB");
    report.add("memory_moments_seen", (double) moments.size(), "");
    report.add("memory_moments_out_of_price_order", (double) outOfOrder, "");
    report.add(
        "memory_dearest_pages_read_from_swap",
        (double) node.field("dear", "memory.stat", "workingset_refault_anon"),
        "");
    report.add(
        "memory_dearest_major_faults",
        (double) (node.field("dear", "memory.stat", "pgmajfault") - faultsBefore),
        "");
    report.add("memory_killed_before_swap_full", (double) killed(node), "");
  }

  private static void wholeness(DaemonNode node, BenchReport report)
      throws IOException, InterruptedException {
    long wrong = 0;
    long checked = 0;
    for (String function : FUNCTIONS) {
      // Such as "90 MiB, 0 wrong".
      String[] words = node.check(function).split("[ ,]+", -1);
      checked += Long.parseLong(words[0]);
      wrong += Long.parseLong(words[2]);
    }
    report.add("memory_checked", (double) checked, "MiB");
    report.add("memory_wrong", (double) wrong, "MiB");
    report.add("memory_killed_after_check", (double) killed(node), "");
  }

  private static void end(DaemonNode node, BenchReport report)
      throws IOException, InterruptedException {
    String cheapEnds = "%s || %s".formatted(node.died("cheap-a"), node.died("cheap-b"));
    String allEnds = "%s || %s || %s".formatted(cheapEnds, node.died("middle"), node.died("dear"));
    node.pace("middle", 100);
    node.want("middle", 450);
    node.eventually("one of them goes", allEnds);
    report.add(
        "memory_swap_used_when_first_was_killed",
        100 - swapFreeAtFirstKill(node.logs()) * 100.0 / SWAP_MIB,
        "%");
    report.add("memory_killed_by_kernel", (double) killedByKernel(node), "");
    report.add(
        "memory_first_killed_is_cheapest",
        node.lives("middle") && node.lives("dear") ? 1 : 0,
        "1: yes");
    report.add(
        "memory_swapped_dearest_at_the_end",
        node.number("dear", "memory.swap.current") / (double) MIB,
        "MiB");
    System.out.println("what the daemon said:");
    node.shared("daemon.log").lines().forEach(line -> System.out.println("  " + line));
  }

  private static long killed(DaemonNode node) throws IOException, InterruptedException {
    return node.metric("fareway_node_kills_total")
        + node.metric("fareway_node_evictions_total")
        + killedByKernel(node);
  }

  /**
   * In MiB, as whoever killed first has said: the daemon when it saw no other way, the kernel with
   * each process that it kills. Asking the node comes late when it has no memory left.
   */
  private static long swapFreeAtFirstKill(String logs) throws IOException {
    Matcher byKernel = KERNEL_KILLS.matcher(logs);
    if (byKernel.find()) {
      return Long.parseLong(byKernel.group(1)) / 1024;
    }
    Matcher byDaemon = DAEMON_KILLS.matcher(logs);
    if (byDaemon.find()) {
      return Long.parseLong(byDaemon.group(1));
    }
    throw new IOException("nobody says who was killed:%n%s".formatted(logs));
  }

  private static long killedByKernel(DaemonNode node) throws IOException, InterruptedException {
    long killed = 0;
    for (String function : FUNCTIONS) {
      killed += node.field(function, "memory.events", "oom_kill");
    }
    return killed;
  }
}
