package dev.fareway.operator.archive;

import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.UsageReportStatus.Spending;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageStatement;
import dev.fareway.crds.usage.UsageSum;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What is to be done next about a month that is over. A pure function of what is stored, so that it
 * does not matter who did the last step and when he was interrupted.
 *
 * <p>A month's way: nodes write nothing of it from three days after its end on, and charge what is
 * left to the month that is then. Two days later its reports are <b>written</b>. When all of them
 * are read again and are what the nodes' objects add up to, they are marked <b>complete</b>; nobody
 * changes one that is. Only when all are complete, and no budget of any time zone needs the nodes'
 * objects any more, are these <b>deleted</b>. So at any moment either the nodes' objects or the
 * reports are whole, and neither is ever more than the whole.
 */
final class ArchivePlan {
  /** Nodes are done with a month three days after its end: so long no clock is wrong. */
  static final Duration WRITTEN_AFTER = Duration.ofDays(5);

  /**
   * After the end of the month after: a month of another time zone begins or ends up to 14 hours
   * beside one in UTC, and its budget needs both.
   */
  static final Duration DELETED_AFTER = Duration.ofDays(2);

  /** Past months of which reports are kept. */
  static final int KEPT_MONTHS = 13;

  private ArchivePlan() {}

  /** One thing to do. */
  sealed interface Step {
    /** A report is to be created. */
    record Create(ReportId id) implements Step {}

    /** A report's figures are to be these. */
    record Write(Report seen, List<Spending> spending) implements Step {}

    /** A report is right, and is to be marked so. */
    record Complete(Report seen) implements Step {}

    /** A report can't be right, and is to be deleted. */
    record Discard(Report seen) implements Step {}

    /** A node's object is archived, and is to be deleted. */
    record Delete(NodeObject seen) implements Step {}
  }

  /** Whether a month's reports may be written. */
  static boolean isOver(String month, Instant now) {
    return !now.isBefore(endOf(YearMonth.parse(month)).plus(WRITTEN_AFTER));
  }

  /** Whether nodes' objects of a month are needed by no budget any more. */
  static boolean isPast(String month, Instant now) {
    return !now.isBefore(endOf(YearMonth.parse(month).plusMonths(1)).plus(DELETED_AFTER));
  }

  /** The first month of which reports are kept. */
  static String firstKept(Instant now) {
    return YearMonth.from(now.atZone(ZoneOffset.UTC)).minusMonths(KEPT_MONTHS).toString();
  }

  private static Instant endOf(YearMonth month) {
    return month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /** Whether reports of a month are kept: those of older ones are deleted, and none is written. */
  static boolean isKept(String month, Instant now) {
    return month.compareTo(firstKept(now)) >= 0;
  }

  /**
   * What is to be done with reports of which some are complete: all are right then, since the first
   * was marked only after all had been compared. But for one without figures, which a replica has
   * created that was paused meanwhile: of a namespace that can't be reported.
   *
   * @return empty if none is complete
   */
  static Optional<List<Step>> finish(List<Report> reports) {
    return reports.stream().anyMatch(Report::complete)
        ? Optional.of(
            reports.stream()
                .filter(report -> !report.complete())
                .<Step>map(
                    report ->
                        report.page() == 0 && report.spending().isEmpty()
                            ? new Step.Discard(report)
                            : new Step.Complete(report))
                .toList())
        : Optional.empty();
  }

  /**
   * What is to be done with reports of which none is complete: to write what is not right, or if
   * all is, to mark them. A namespace whose amounts do not fit gets none: its objects stay.
   *
   * @param usage what all nodes' objects of the month add up to
   */
  static List<Step> write(List<Report> reports, Map<String, Map<FunctionClass, UsageSum>> usage) {
    var steps = new ArrayList<Step>();
    var stored = new HashMap<ReportId, Report>();
    reports.forEach(report -> stored.put(report.id(), report));
    var overflowed = new HashSet<String>();
    var wanted = new HashSet<ReportId>();
    for (var of : new TreeMap<>(usage).entrySet()) {
      Optional<List<Spending>> lines = lines(of.getValue());
      if (lines.isEmpty()) {
        overflowed.add(of.getKey());
        continue;
      }
      pages(of.getKey(), lines.get())
          .forEach(
              (id, spending) -> {
                wanted.add(id);
                Report report = stored.get(id);
                if (report == null) {
                  steps.add(new Step.Create(id));
                } else if (!report.spending().equals(spending)) {
                  steps.add(new Step.Write(report, spending));
                }
              });
    }
    for (Report report : reports) {
      if (overflowed.contains(report.namespace())) {
        steps.add(new Step.Discard(report));
      } else if (!wanted.contains(report.id())
          && usage.containsKey(report.namespace())
          && !report.spending().isEmpty()) {
        // A page too many, of a namespace that is whole without it.
        steps.add(new Step.Write(report, List.of()));
      }
    }
    boolean allThere = reports.stream().allMatch(of -> usage.containsKey(of.namespace()));
    if (steps.isEmpty() && allThere) {
      reports.forEach(report -> steps.add(new Step.Complete(report)));
    }
    return steps;
  }

  /** Empty if an amount of money does not fit. */
  private static Optional<List<Spending>> lines(Map<FunctionClass, UsageSum> sums) {
    try {
      return Optional.of(UsageStatement.of(sums));
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Map<ReportId, List<Spending>> pages(String namespace, List<Spending> lines) {
    var pages = new LinkedHashMap<ReportId, List<Spending>>();
    for (int page = 0; page * NodeUsageStatus.MAX_USAGE < lines.size(); page++) {
      int from = page * NodeUsageStatus.MAX_USAGE;
      int to = Math.min(lines.size(), from + NodeUsageStatus.MAX_USAGE);
      pages.put(new ReportId(namespace, page), lines.subList(from, to));
    }
    return pages;
  }

  /**
   * Which nodes' objects of a month may be deleted: those that the complete reports have taken in.
   *
   * @return none unless all reports are complete
   */
  static List<Step> delete(List<Report> reports, List<NodeObject> objects) {
    if (reports.isEmpty() || !reports.stream().allMatch(Report::complete)) {
      return List.of();
    }
    Set<String> reported = namespaces(reports);
    return objects.stream()
        .filter(of -> reported.containsAll(of.namespaces()))
        .filter(of -> !isLate(of, reports))
        .<Step>map(Step.Delete::new)
        .toList();
  }

  /** Those that have a report. */
  static Set<String> namespaces(List<Report> reports) {
    return reports.stream().map(Report::namespace).collect(Collectors.toSet());
  }

  /**
   * Objects that were written after the reports were: by a node whose clock is weeks behind. They
   * are in no report, and stay.
   */
  static boolean isLate(NodeObject object, List<Report> reports) {
    return reports.stream().anyMatch(report -> !object.written().isBefore(report.created()));
  }
}
