package dev.fareway.e2e.suite;

import java.util.HashMap;
import java.util.Map;

/** How a node runs a pod's process, and what its cgroup says, as the kernel shows it. */
record OnNode(
    int policy, int realTimePriority, int nice, String weight, String idle, long swapped) {
  static final int SCHED_FIFO = 1;
  static final int SCHED_IDLE = 5;

  /**
   * A script that tells of the process whose command line ends with the marker, in the pod of the
   * UID.
   */
  static String script(String uid, String marker) {
    return """
        for process in /proc/[0-9]*; do
          line=$(tr '\\0' ' ' < $process/cmdline 2>/dev/null)
          case "$line" in
            *"%s ")
              fields=$(sed 's/.*) //' $process/stat 2>/dev/null)
              [ -n "$fields" ] && echo "$fields" | awk '{print "policy=" $39; print "realtime=" $38; print "nice=" $17}'
              ;;
          esac
        done
        pod=$(find /sys/fs/cgroup -maxdepth 9 -type d '(' -name '*pod%s*' -o -name '*pod%s*' ')' 2>/dev/null | head -n 1)
        for file in cpu.weight cpu.idle memory.swap.current; do
          [ -n "$pod" ] && [ -r "$pod/$file" ] && echo "$file=$(cat $pod/$file)"
        done
        true
        """
        .formatted(marker, uid, uid.replace('-', '_'));
  }

  /** What the script printed. */
  static OnNode read(String printed) {
    Map<String, String> values = new HashMap<>();
    printed
        .lines()
        .filter(line -> line.contains("="))
        .forEach(line -> values.put(line.split("=", 2)[0].strip(), line.split("=", 2)[1].strip()));
    return new OnNode(
        Integer.parseInt(values.getOrDefault("policy", "-1")),
        Integer.parseInt(values.getOrDefault("realtime", "-1")),
        Integer.parseInt(values.getOrDefault("nice", "0")),
        values.getOrDefault("cpu.weight", ""),
        values.getOrDefault("cpu.idle", ""),
        Long.parseLong(values.getOrDefault("memory.swap.current", "-1")));
  }

  /** Whether the process is not there. */
  boolean isGone() {
    return policy < 0;
  }

  /** Whether it runs as it would without Fareway. */
  boolean isUntouched() {
    return policy == 0 && nice == 0 && !idle.equals("1") && !weight.equals("10000");
  }

  /** Whether it goes before another, by whichever means. */
  boolean goesBefore(OnNode other) {
    if (policy == SCHED_FIFO && other.policy == SCHED_FIFO) {
      return realTimePriority > other.realTimePriority;
    }
    if (policy == SCHED_FIFO || other.policy == SCHED_IDLE || other.idle.equals("1")) {
      return policy != SCHED_IDLE && !idle.equals("1") && other.policy != SCHED_FIFO;
    }
    if (!weight.isEmpty() && !other.weight.isEmpty() && !weight.equals(other.weight)) {
      return Long.parseLong(weight) > Long.parseLong(other.weight);
    }
    return nice < other.nice;
  }
}
