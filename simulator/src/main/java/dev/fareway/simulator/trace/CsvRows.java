package dev.fareway.simulator.trace;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of a CSV file with a head, one at a time: cells without quotes, as the published traces
 * have them. Every error names file and line.
 */
final class CsvRows implements AutoCloseable {
  private final Path file;
  private final BufferedReader reader;
  private final List<String> columns;
  private String[] cells = {};
  private long line = 1;

  /**
   * Opens a file and reads its head.
   *
   * @throws IOException if it can't be read
   * @throws MalformedTraceException if it is empty
   */
  CsvRows(Path file) throws IOException {
    this.file = file;
    this.reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
    try {
      String head = reader.readLine();
      if (head == null) {
        throw new MalformedTraceException(file, 1, "the file is empty");
      }
      String plain = head.startsWith("\ufeff") ? head.substring(1) : head;
      this.columns = Arrays.stream(plain.split(",", -1)).map(String::strip).toList();
    } catch (MalformedInputException e) {
      reader.close();
      throw new MalformedTraceException(file, 1, "not text: is it compressed?");
    } catch (IOException e) {
      reader.close();
      throw e;
    }
  }

  List<String> columns() {
    return columns;
  }

  /** Where a column stands. */
  int column(String name) throws MalformedTraceException {
    int column = columns.indexOf(name);
    if (column < 0) {
      throw new MalformedTraceException(
          file, 1, "there is no column '%s' but %s".formatted(name, some(columns)));
    }
    return column;
  }

  /** Goes on to the next row that is not empty; false at the end. */
  boolean next() throws IOException {
    while (true) {
      String text;
      line++;
      try {
        text = reader.readLine();
      } catch (MalformedInputException e) {
        throw bad("not text");
      }
      if (text == null) {
        return false;
      }
      if (!text.isBlank()) {
        cells = text.split(",", -1);
        if (cells.length != columns.size()) {
          throw bad("%d cells, but the head has %d".formatted(cells.length, columns.size()));
        }
        return true;
      }
    }
  }

  String text(int column) {
    return cells[column].strip();
  }

  /** A finite number that is 0 or more. */
  double number(int column) throws MalformedTraceException {
    double value;
    try {
      value = Double.parseDouble(text(column));
    } catch (NumberFormatException e) {
      throw bad("column '%s' is '%s', not a number".formatted(columns.get(column), text(column)));
    }
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw bad(
          "column '%s' is %s: it must be 0 or more".formatted(columns.get(column), text(column)));
    }
    return value;
  }

  /** A number that is 0 or more; where there is none, 0. */
  double numberOrNone(int column) throws MalformedTraceException {
    String text = text(column);
    return text.isEmpty() || text.equalsIgnoreCase("nan") ? 0 : number(column);
  }

  /** A whole number that is 0 or more, perhaps written as 3.0; where there is none, 0. */
  int count(int column) throws MalformedTraceException {
    double value = numberOrNone(column);
    if (value != Math.rint(value) || value > Integer.MAX_VALUE) {
      throw bad(
          "column '%s' is %s: it must be a whole number"
              .formatted(columns.get(column), text(column)));
    }
    return (int) value;
  }

  MalformedTraceException bad(String what) {
    return new MalformedTraceException(file, line, what);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private static String some(List<String> columns) {
    var shown = new ArrayList<>(columns.subList(0, Math.min(6, columns.size())));
    if (shown.size() < columns.size()) {
      shown.add("%d more".formatted(columns.size() - shown.size()));
    }
    return String.join(", ", shown);
  }
}
