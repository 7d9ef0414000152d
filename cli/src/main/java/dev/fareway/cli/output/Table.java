package dev.fareway.cli.output;

import java.util.ArrayList;
import java.util.List;

/**
 * A table as kubectl prints one: a heading in capitals, columns three blanks apart, numbers to the
 * right. What others wrote, such as names and messages, is printed without control characters, so
 * that it can't take over a terminal.
 */
public final class Table {
  private static final String GAP = "   ";

  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * A column.
   *
   * @param right whether its cells stand at the right
   */
  public record Column(String heading, boolean right) {
    /** A column of text. */
    public static Column text(String heading) {
      return new Column(heading, false);
    }

    /** A column of numbers. */
    public static Column number(String heading) {
      return new Column(heading, true);
    }
  }

  /** An empty table. */
  public Table(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it has more or fewer cells than there are columns
   */
  public void add(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "%d cells for %d columns".formatted(cells.length, columns.size()));
    }
    var row = new ArrayList<String>();
    for (String cell : cells) {
      row.add(plain(cell));
    }
    rows.add(row);
  }

  /** Whether it has no row. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** All lines, each ended; no blanks at a line's end. */
  public String render() {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = length(columns.get(i).heading());
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], length(row.get(i)));
      }
    }
    var text = new StringBuilder();
    line(text, columns.stream().map(Column::heading).toList(), widths);
    rows.forEach(row -> line(text, row, widths));
    return text.toString();
  }

  private void line(StringBuilder text, List<String> cells, int[] widths) {
    var line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String pad = " ".repeat(widths[i] - length(cells.get(i)));
      line.append(i == 0 ? "" : GAP)
          .append(columns.get(i).right() ? pad + cells.get(i) : cells.get(i) + pad);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** A text on one line, without control characters. */
  public static String plain(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
