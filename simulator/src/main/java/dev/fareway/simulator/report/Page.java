package dev.fareway.simulator.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as one page of HTML that needs nothing else. */
final class Page {
  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
      table { border-collapse: collapse; margin: 1rem 0; }
      th, td { padding: .25rem .8rem; border-bottom: 1px solid #ddd; text-align: right; }
      th:first-child, td:first-child { text-align: left; }
      figure { margin: 1.5rem 0; overflow-x: auto; }
      code { background: #f3f3f3; padding: .1rem .3rem; }
      .wide { overflow-x: auto; }
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
        .append("</h1>\n");
    if (!report.findings().isEmpty()) {
      html.append("<ul>\n");
      report.findings().forEach(line -> element(html, "li", line));
      html.append("</ul>\n");
    }
    for (String image : images) {
      // Inside a page an SVG image goes without the head of a file of its own.
      html.append("<figure>\n")
          .append(image.substring(image.indexOf("<svg")))
          .append("</figure>\n");
    }
    for (Table table : report.tables()) {
      if (table.shown()) {
        table(html, table);
      }
    }
    html.append("<h2>Figures</h2>\n<table>\n<tr><th>name</th><th>value</th><th>unit</th></tr>\n");
    for (Figure figure : report.figures()) {
      html.append("<tr>");
      element(html, "td", figure.name());
      element(html, "td", String.format(Locale.ROOT, "%.4g", figure.value()));
      element(html, "td", figure.unit());
      html.append("</tr>\n");
    }
    html.append("</table>\n<h2>Parameters</h2>\n<p><code>")
        .append(escape(report.command()))
        .append("</code></p>\n<table>\n");
    for (Map.Entry<String, String> parameter : report.parameters().entrySet()) {
      html.append("<tr>");
      element(html, "td", parameter.getKey());
      element(html, "td", parameter.getValue());
      html.append("</tr>\n");
    }
    return html.append("</table>\n</body>\n</html>\n").toString();
  }

  private static void table(StringBuilder html, Table table) {
    element(html, "h2", table.title());
    html.append("<div class=\"wide\"><table>\n<tr>");
    table.columns().forEach(column -> element(html, "th", column));
    html.append("</tr>\n");
    for (List<String> row : table.rows()) {
      html.append("<tr>");
      row.forEach(cell -> element(html, "td", cell));
      html.append("</tr>\n");
    }
    html.append("</table></div>\n");
  }

  private static void element(StringBuilder html, String name, String text) {
    html.append('<').append(name).append('>').append(escape(text));
    html.append("</").append(name).append('>');
    if (!name.startsWith("t")) {
      html.append('\n');
    }
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
