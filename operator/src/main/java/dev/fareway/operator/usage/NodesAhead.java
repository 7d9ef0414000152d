package dev.fareway.operator.usage;

import dev.fareway.crds.NodeUsage;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;

/**
 * Nodes whose clock is so far ahead that they charge to a month to come: no budget counts that, and
 * no bill has it until then. A pure function.
 */
public final class NodesAhead {
  /** Clocks may differ by as much at the end of a month without anybody being told. */
  private static final Duration TOLERATED = Duration.ofDays(1);

  private NodesAhead() {}

  /** Their names, in their order, each once. */
  public static List<String> of(Collection<NodeUsage> objects, Instant now) {
    String last = YearMonth.from(now.plus(TOLERATED).atZone(ZoneOffset.UTC)).toString();
    return objects.stream()
        .filter(object -> object.getSpec() != null && object.getSpec().month().compareTo(last) > 0)
        .map(object -> object.getSpec().node())
        .distinct()
        .sorted()
        .toList();
  }
}
