package dev.fareway.simulator.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as one page of HTML that needs nothing else. */
final class Page {
  private static final String STYLE =
      """
      :root { --ink: #1c2733; --soft: #5b6875; --line: #dde3e9; --paper: #fff; --wash: #f5f7f9; --mark: #0072b2; }
      @media (prefers-color-scheme: dark) {
        :root { --ink: #e4e9ee; --soft: #9aa7b4; --line: #35404b; --paper: #161c22; --wash: #1e262e; --mark: #56b4e9; }
      }
      body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem;
        color: var(--ink); background: var(--paper); }
      h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .75rem; }
      h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
      .lead { font-size: 1.05rem; color: var(--soft); margin: 0 0 1.5rem; max-width: 46rem; }
      .findings { list-style: none; margin: 0 0 2rem; padding: 1rem 1.25rem; background: var(--wash);
        border-left: 4px solid var(--mark); border-radius: 0 6px 6px 0; }
      .findings li + li { margin-top: .55rem; }
      figure { margin: 1.5rem 0; padding: .75rem; background: #fff; border: 1px solid var(--line); border-radius: 6px;
        overflow-x: auto; }
      figure svg { display: block; margin: 0 auto; max-width: 100%; height: auto; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
      th, td { padding: .3rem .8rem; text-align: right; }
      th { font-weight: 600; color: var(--soft); border-bottom: 2px solid var(--line); vertical-align: bottom; }
      td { border-bottom: 1px solid var(--line); }
      th.word, td.word { text-align: left; }
      td.group { vertical-align: top; font-weight: 600; }
      tr.first td { border-top: 2px solid var(--line); }
      .about td { text-align: left; vertical-align: top; }
      .about td:first-child { color: var(--soft); white-space: nowrap; }
      pre { background: var(--wash); padding: .75rem 1rem; border-radius: 6px; overflow-x: auto; }
      summary { cursor: pointer; font-weight: 600; margin: 2rem 0 .75rem; }
      """;

  private Page() {}

  static String of(Report report, List<String> images) {
    var html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<title>")
        .append(escape(report.title()))
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>")
        .append(escape(report.title()))
        .append("</h1>\n<p class=\"lead\">")
        .append(escape(report.introduction()))
        .append("</p>\n");
    if (!report.findings().isEmpty()) {
      html.append("<ul class=\"findings\">\n");
      report.findings().forEach(line -> html.append("<li>").append(escape(line)).append("</li>\n"));
      html.append("</ul>\n");
    }
    for (int i = 0; i < images.size(); i++) {
      String image = images.get(i);
      // Inside a page an SVG image goes without the head of a file of its own, and may shrink.
      html.append("<figure role=\"img\" aria-label=\"")
          .append(escape(report.charts().get(i).title()))
          .append("\">\n")
          .append(image.substring(image.indexOf("<svg")))
          .append("</figure>\n");
    }
    for (Table table : report.tables()) {
      if (table.shown()) {
        html.append("<h2>").append(escape(table.title())).append("</h2>\n");
        table(html, table);
      }
    }
    html.append("<h2>How it was made</h2>\n<pre>")
        .append(escape(report.command()))
        .append("</pre>\n<table class=\"about\">\n");
    for (Map.Entry<String, String> parameter : report.parameters().entrySet()) {
      html.append("<tr><td>")
          .append(escape(parameter.getKey()))
          .append("</td><td>")
          .append(escape(parameter.getValue()))
          .append("</td></tr>\n");
    }
    html.append("</table>\n<details>\n<summary>All figures of summary.json</summary>\n");
    table(
        html,
        new Table(
            "figures",
            "Figures",
            List.of("name", "value", "unit"),
            report.figures().stream()
                .map(
                    figure ->
                        List.of(
                            figure.name(),
                            String.format(Locale.ROOT, "%.4g", figure.value()),
                            figure.unit()))
                .toList(),
            true));
    return html.append("</details>\n</body>\n</html>\n").toString();
  }

  private static void table(StringBuilder html, Table table) {
    html.append("<div class=\"wide\"><table>\n<tr>");
    for (int column = 0; column < table.columns().size(); column++) {
      html.append(table.isOfWords(column) ? "<th class=\"word\">" : "<th>")
          .append(escape(table.columns().get(column).strip()))
          .append("</th>");
    }
    html.append("</tr>\n");
    for (int row = 0; row < table.rows().size(); row++) {
      int alike = alike(table.rows(), row);
      html.append(alike > 1 ? "<tr class=\"first\">" : "<tr>");
      List<String> cells = table.rows().get(row);
      for (int column = 0; column < cells.size(); column++) {
        if (column > 0 || alike != 0) {
          html.append(cell(table, column, alike)).append(escape(cells.get(column))).append("</td>");
        }
      }
      html.append("</tr>\n");
    }
    html.append("</table></div>\n");
  }

  private static String cell(Table table, int column, int alike) {
    if (column == 0 && alike > 1) {
      return "<td class=\"word group\" rowspan=\"%d\">".formatted(alike);
    }
    return table.isOfWords(column) ? "<td class=\"word\">" : "<td>";
  }

  /** How many rows from this one on begin alike; 0 if the one before does, too. */
  private static int alike(List<List<String>> rows, int from) {
    String first = rows.get(from).getFirst();
    if (from > 0 && rows.get(from - 1).getFirst().equals(first)) {
      return 0;
    }
    int to = from;
    while (to < rows.size() && rows.get(to).getFirst().equals(first)) {
      to++;
    }
    return to - from;
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
