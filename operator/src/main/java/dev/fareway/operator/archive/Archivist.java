package dev.fareway.operator.archive;

import dev.fareway.operator.archive.ArchivePlan.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Does what {@link ArchivePlan} says, step by step. Not thread-safe. */
final class Archivist {
  /** Creating, writing and marking; a look more than needed. */
  private static final int ROUNDS = 4;

  /** So long a month of which there was nothing to do is not looked at again. */
  private static final Duration SETTLED_FOR = Duration.ofHours(6);

  private final ArchiveStore store;
  private final Pace pace;
  private final Map<String, Settled> settled = new TreeMap<>();
  private int written;

  /**
   * What was found of a month at the last look.
   *
   * @param isPast whether nodes' objects might go by then
   * @param until when it is looked at again: what is stored of a month may be hundreds of megabytes
   */
  private record Settled(boolean isPast, Instant until, int late, Set<String> unreported) {}

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
    Set<String> months = new TreeSet<>(store.months());
    settled.keySet().retainAll(months);
    for (String month : months) {
      if (ArchivePlan.isOver(month, now) && !look(month, now)) {
        return;
      }
    }
    for (String month : store.reportedBefore(ArchivePlan.firstKept(now))) {
      for (Report report : store.reports(month)) {
        if (!pace.next()) {
          return;
        }
        store.deleteReport(month, report);
      }
    }
  }

  /** Whether to go on. */
  private boolean look(String month, Instant now) throws InterruptedException {
    boolean isKept = ArchivePlan.isKept(month, now);
    boolean isPast = ArchivePlan.isPast(month, now);
    Settled before = settled.get(month);
    if (before != null && before.isPast == isPast && now.isBefore(before.until)) {
      return true;
    }
    int writes = written;
    if (isKept && !archive(month)) {
      return false;
    }
    int late = isKept && isPast ? delete(month) : 0;
    Instant until = writes == written ? now.plus(SETTLED_FOR) : now;
    settled.put(month, new Settled(isPast, until, late, unreported(month)));
    return true;
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
    return settled.values().stream().mapToInt(Settled::late).sum();
  }

  /**
   * Namespaces and their months that are over, of which nodes' objects are there and no report: the
   * amounts do not fit, they came too late, or are older than what is kept. Nothing of them is
   * deleted.
   */
  Set<String> unreported() {
    var all = new TreeSet<String>();
    settled.values().forEach(of -> all.addAll(of.unreported));
    return all;
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
      written++;
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
