package dev.fareway.e2e.report;

import dev.fareway.e2e.load.Phase;
import java.util.List;

/** The table at the demo's end: 88 columns, one row for each class and phase. */
public final class TextTable {
  private static final List<RunKind> COLUMNS =
      List.of(RunKind.CROWDED, RunKind.FAREWAY, RunKind.UNLOADED);
  private static final String NAMES = "%-12s %-7s";
  private static final String CELLS = "  %6s %6s %6s";
  private static final int GROUP_WIDTH = 20;

  private TextTable() {}

  /** Lays the table out, with a line feed after each line. */
  public static String of(DemoResult result) {
    StringBuilder text = new StringBuilder();
    StringBuilder groups = new StringBuilder(NAMES.formatted("", ""));
    COLUMNS.forEach(kind -> groups.append("  ").append(centred(kind.label())));
    line(text, groups.toString());
    line(
        text,
        NAMES.formatted("milliseconds", "phase")
            + CELLS.formatted("p50", "p95", "p99").repeat(COLUMNS.size()));
    for (PricedFunction function : result.functions()) {
      line(text, "");
      String name = function.priceClass();
      for (Phase phase : result.phases()) {
        StringBuilder row = new StringBuilder(NAMES.formatted(name, phase.name()));
        COLUMNS.forEach(kind -> row.append(cells(result.run(kind), function.priceClass(), phase)));
        line(text, row.toString());
        name = "";
      }
    }
    return text.toString();
  }

  private static String centred(String label) {
    int dashes = GROUP_WIDTH - label.length() - 2;
    return "-".repeat(dashes / 2) + ' ' + label + ' ' + "-".repeat(dashes - dashes / 2);
  }

  private static String cells(Run run, String className, Phase phase) {
    if (!run.has(className)) {
      return CELLS.formatted("", "", "");
    }
    Latency latency = Latency.of(run.of(className, phase));
    return CELLS.formatted(
        Figures.millis(latency.p50Ms()),
        Figures.millis(latency.p95Ms()),
        Figures.millis(latency.p99Ms()));
  }

  private static void line(StringBuilder text, String line) {
    text.append(line.stripTrailing()).append('\n');
  }
}
