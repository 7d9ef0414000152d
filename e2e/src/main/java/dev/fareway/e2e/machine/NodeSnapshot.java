package dev.fareway.e2e.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * All of a node that a daemon could have changed, at one moment: how each thread is scheduled, what
 * each cgroup's files hold, the kernel's settings.
 *
 * @param values what each has, by what it is
 */
public record NodeSnapshot(Map<String, String> values) {
  private static final String SEPARATOR = " = ";

  public NodeSnapshot {
    values = Map.copyOf(values);
  }

  /** Reads what {@code node-snapshot.pl} has printed. */
  static NodeSnapshot parse(String text) {
    var values = new TreeMap<String, String>();
    for (String line : text.lines().toList()) {
      int at = line.indexOf(SEPARATOR);
      if (at < 0) {
        throw new IllegalArgumentException("no '%s' in '%s'".formatted(SEPARATOR, line));
      }
      values.put(line.substring(0, at), line.substring(at + SEPARATOR.length()));
    }
    return new NodeSnapshot(values);
  }

  /** Whether something belongs to a pod: a cgroup of one, or a thread in one. */
  public boolean isOfPod(String what) {
    return (what + values.getOrDefault(what, "")).contains("/kubepods")
        && (what + values.getOrDefault(what, "")).contains("pod0");
  }

  /**
   * What is not as it was, of what is to be compared; a sentence each. Threads that were not there
   * before, or are no more, are nobody's change; kernel workers are renamed and reniced by the
   * kernel all the time.
   */
  public List<String> changesSince(NodeSnapshot before, Predicate<String> compared) {
    var changes = new ArrayList<String>();
    var all = new TreeMap<>(before.values);
    all.putAll(values);
    for (String what : all.keySet()) {
      String then = before.values.get(what);
      String now = values.get(what);
      boolean comesAndGoes = what.startsWith("task ") && (then == null || now == null);
      if (!comesAndGoes
          && !what.contains("kworker")
          && !Objects.equals(then, now)
          && compared.test(what)) {
        changes.add("%s: was '%s', is '%s'".formatted(what, then, now));
      }
    }
    return changes;
  }
}
