package dev.fareway.operator.archive;

import dev.fareway.crds.UsageReportStatus.Spending;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageSum;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Port: the objects that the archive is made of and from. Each call asks the API server and throws
 * an {@link ArchiveException} if that does not answer as it should.
 */
interface ArchiveStore {
  /** Months of which nodes have written usage. */
  Set<String> months();

  /** Namespaces of which nodes have written usage in a month. */
  Set<String> namespaces(String month);

  /** The reports of a month. */
  List<Report> reports(String month);

  /** Months before this one of which there are reports. */
  Set<String> reportedBefore(String month);

  /** All nodes' usage in a month, by namespace. */
  Map<String, Map<FunctionClass, UsageSum>> usage(String month);

  /** All nodes' objects of a month. */
  List<NodeObject> nodeObjects(String month);

  /** Creates a report without figures, unless it is there. */
  void create(String month, ReportId id);

  /**
   * Writes a report's figures.
   *
   * @param seen as it was read: it is an error if it has changed since
   */
  void write(String month, Report seen, boolean complete, List<Spending> spending);

  /** Deletes a report: it is an error if it has changed since it was read. */
  void deleteReport(String month, Report seen);

  /** Deletes a node's object: it is an error if it has changed since it was read. */
  void delete(NodeObject seen);
}
