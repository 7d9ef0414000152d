package dev.fareway.simulator.report;

import java.util.List;

/**
 * A table, written as a CSV file and shown on the page.
 *
 * @param name of its file, without the ending
 * @param title what it tells
 * @param columns names, with their units
 * @param rows as many cells each as there are columns; a cell is a number or a word without commas
 *     and quotes
 * @param shown whether the page shows it, too; long ones are only a file
 */
public record Table(
    String name, String title, List<String> columns, List<List<String>> rows, boolean shown) {
  public Table {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<String> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "table %s has %d columns, a row has %d cells: %s"
                .formatted(name, columns.size(), row.size(), row));
      }
      for (String cell : row) {
        if (cell.matches(".*[,\"\n].*")) {
          throw new IllegalArgumentException("table %s: cell '%s'".formatted(name, cell));
        }
      }
    }
  }

  /** Whether a column has words in it: they are read from the left. */
  boolean isOfWords(int column) {
    return rows.stream().anyMatch(row -> !row.get(column).matches("-|[-+]?[0-9.,e+-]+"));
  }

  String csv() {
    var text = new StringBuilder(String.join(",", columns)).append('\n');
    rows.forEach(row -> text.append(String.join(",", row)).append('\n'));
    return text.toString();
  }
}
