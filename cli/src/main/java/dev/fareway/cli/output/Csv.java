package dev.fareway.cli.output;

import java.util.List;
import java.util.stream.Collectors;

/** Comma-separated values by RFC 4180, with a heading; lines end with CR LF, as it asks. */
public final class Csv {
  private Csv() {}

  /** One line. */
  public static String line(List<String> cells) {
    return cells.stream().map(Csv::cell).collect(Collectors.joining(",", "", "\r\n"));
  }

  private static String cell(String text) {
    String plain = Table.plain(text);
    // A spreadsheet would take it for a formula.
    String safe = !plain.isEmpty() && "=+-@".indexOf(plain.charAt(0)) >= 0 ? "'" + plain : plain;
    return safe.indexOf(',') >= 0 || safe.indexOf('"') >= 0
        ? '"' + safe.replace("\"", "\"\"") + '"'
        : safe;
  }
}
