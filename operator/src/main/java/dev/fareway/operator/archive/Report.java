package dev.fareway.operator.archive;

import dev.fareway.crds.UsageReport;
import dev.fareway.crds.UsageReportStatus.Spending;
import java.time.Instant;
import java.util.List;

/**
 * A {@code UsageReport} as it is stored.
 *
 * @param version resource version: who changes it names the version that he has seen
 * @param created when the API server created it
 * @param complete whether nothing of its month changes any more
 */
record Report(
    String namespace,
    int page,
    String version,
    Instant created,
    boolean complete,
    List<Spending> spending) {
  Report {
    spending = List.copyOf(spending);
  }

  /** Its name in a month. */
  String name(String month) {
    return UsageReport.nameOf(month, namespace, page);
  }

  /** Which one it is within its month. */
  ReportId id() {
    return new ReportId(namespace, page);
  }
}
