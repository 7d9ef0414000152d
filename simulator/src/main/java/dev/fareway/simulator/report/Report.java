package dev.fareway.simulator.report;

import java.util.List;
import java.util.Map;

/**
 * What an experiment found, ready to be written.
 *
 * @param name of the experiment, and of its files
 * @param title a heading
 * @param introduction what it is about, in a sentence or a few
 * @param command the command line that gives the same again
 * @param parameters by name, in the order in which they are shown
 * @param findings sentences
 */
public record Report(
    String name,
    String title,
    String introduction,
    String command,
    Map<String, String> parameters,
    List<String> findings,
    List<Figure> figures,
    List<Chart> charts,
    List<Table> tables) {
  public Report {
    findings = List.copyOf(findings);
    figures = List.copyOf(figures);
    charts = List.copyOf(charts);
    tables = List.copyOf(tables);
  }
}
