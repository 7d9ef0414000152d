package dev.fareway.operator.archive;

import dev.fareway.operator.archive.ArchivePlan.Step;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Does what {@link ArchivePlan} says, step by step. Not thread-safe. */
final class Archivist {
  /** Creating, writing and marking; a look more than needed. */
  private static final int ROUNDS = 4;

  private final ArchiveStore store;
  private final Pace pace;
  private int late;
  private Set<String> unreported = Set.of();

  /** Waits before each write, so that there are not too many a second. */
  interface Pace {
    /**
     * Waits.
     *
     * @return whether to go on: this replica still leads, and nobody stops it
     */
    boolean next() throws InterruptedException;
  }

  Archivist(ArchiveStore store, Pace pace) {
    this.store = store;
    this.pace = pace;
  }

  /**
   * Does all that is due.
   *
   * @throws ArchiveException if the API server does not answer: to be tried again
   */
  void pass(Instant now) throws InterruptedException {
    int seenLate = 0;
    var seenUnreported = new TreeSet<String>();
    for (String month : new TreeSet<>(store.months())) {
      if (!ArchivePlan.isOver(month, now)) {
        continue;
      }
      boolean isKept = ArchivePlan.isKept(month, now);
      if (isKept && !archive(month)) {
        return;
      }
      if (isKept && ArchivePlan.isPast(month, now)) {
        seenLate += delete(month);
      }
      seenUnreported.addAll(unreported(month));
    }
    late = seenLate;
    unreported = seenUnreported;
    for (String month : store.reportedBefore(ArchivePlan.firstKept(now))) {
      for (Report report : store.reports(month)) {
        if (!pace.next()) {
          return;
        }
        store.deleteReport(month, report);
      }
    }
  }

  private Set<String> unreported(String month) {
    var unreported = new TreeSet<String>();
    Set<String> reported = ArchivePlan.namespaces(store.reports(month));
    for (String namespace : store.namespaces(month)) {
      if (!reported.contains(namespace)) {
        unreported.add(namespace + " in " + month);
      }
    }
    return unreported;
  }

  /** How many nodes' objects of past months came too late for the reports, and are kept. */
  int late() {
    return late;
  }

  /**
   * Namespaces and their months that are over, of which nodes' objects are there and no report: the
   * amounts do not fit, they came too late, or are older than what is kept. Nothing of them is
   * deleted.
   */
  Set<String> unreported() {
    return Collections.unmodifiableSet(unreported);
  }

  /** Whether to go on. */
  private boolean archive(String month) throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      List<Report> reports = store.reports(month);
      List<Step> steps =
          ArchivePlan.finish(reports)
              .orElseGet(() -> ArchivePlan.write(reports, store.usage(month)));
      if (steps.isEmpty()) {
        return true;
      }
      if (!carryOut(month, steps)) {
        return false;
      }
    }
    return true;
  }

  private int delete(String month) throws InterruptedException {
    List<Report> reports = store.reports(month);
    List<NodeObject> objects = store.nodeObjects(month);
    List<Step> steps = ArchivePlan.delete(reports, objects);
    var _ = carryOut(month, steps);
    return (int) objects.stream().filter(of -> ArchivePlan.isLate(of, reports)).count();
  }

  private boolean carryOut(String month, List<Step> steps) throws InterruptedException {
    for (Step step : steps) {
      if (!pace.next()) {
        return false;
      }
      switch (step) {
        case Step.Create(ReportId id) -> store.create(month, id);
        case Step.Write(Report seen, var spending) -> store.write(month, seen, false, spending);
        case Step.Complete(Report seen) -> store.write(month, seen, true, seen.spending());
        case Step.Discard(Report seen) -> store.deleteReport(month, seen);
        case Step.Delete(NodeObject seen) -> store.delete(seen);
      }
    }
    return true;
  }
}
