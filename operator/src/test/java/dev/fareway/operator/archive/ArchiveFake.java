package dev.fareway.operator.archive;

import dev.fareway.crds.Money;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.UsageReportStatus.Spending;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageStatement;
import dev.fareway.crds.usage.UsageSum;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Keeps objects in memory as an API server would, and may lose requests and answers. */
final class ArchiveFake implements ArchiveStore {
  /** What happens to a request. */
  enum Fate {
    ANSWERED,
    REQUEST_LOST,
    ANSWER_LOST
  }

  private record Stored(String month, List<Usage> usage, long version, Instant written) {}

  private final Map<String, Stored> objects = new TreeMap<>();
  private final Map<String, Map<ReportId, Report>> reports = new TreeMap<>();
  private final Supplier<Fate> fates;
  Instant now = Instant.EPOCH;
  int writes;
  int reads;
  private long version;

  ArchiveFake(Supplier<Fate> fates) {
    this.fates = fates;
  }

  /** A node writes. */
  void put(String name, String month, List<Usage> usage) {
    objects.put(name, new Stored(month, List.copyOf(usage), ++version, now));
  }

  boolean holds(String name) {
    return objects.containsKey(name);
  }

  int objectCount() {
    return objects.size();
  }

  int reportCount() {
    return reports.values().stream().mapToInt(Map::size).sum();
  }

  /** What a namespace's bill of a month comes to: by the larger of reports and nodes' objects. */
  long bill(String month, String namespace) {
    return Math.max(reported(month, namespace), metered(month, namespace));
  }

  long reported(String month, String namespace) {
    return reports.getOrDefault(month, Map.of()).values().stream()
        .filter(of -> of.namespace().equals(namespace))
        .mapToLong(of -> sum(of.spending()))
        .sum();
  }

  private long metered(String month, String namespace) {
    return sum(UsageStatement.of(sums(month).getOrDefault(namespace, Map.of())));
  }

  static long sum(Collection<Spending> spending) {
    return spending.stream().mapToLong(of -> Money.of(of.spent()).nanoUnits()).sum();
  }

  private Map<String, Map<FunctionClass, UsageSum>> sums(String month) {
    var usage = new HashMap<String, Map<FunctionClass, UsageSum>>();
    for (Stored object : objects.values()) {
      if (object.month.equals(month)) {
        for (Usage of : object.usage) {
          usage
              .computeIfAbsent(of.namespace(), _ -> new HashMap<>())
              .computeIfAbsent(
                  new FunctionClass(of.function(), of.priceClass()), _ -> new UsageSum())
              .add(of);
        }
      }
    }
    return usage;
  }

  @Override
  public Set<String> months() {
    return objects.values().stream().map(Stored::month).collect(Collectors.toSet());
  }

  @Override
  public Set<String> namespaces(String month) {
    return sums(month).keySet();
  }

  @Override
  public List<Report> reports(String month) {
    asked();
    return List.copyOf(reports.getOrDefault(month, Map.of()).values());
  }

  @Override
  public Set<String> reportedBefore(String month) {
    asked();
    return reports.entrySet().stream()
        .filter(of -> !of.getValue().isEmpty() && of.getKey().compareTo(month) < 0)
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public Map<String, Map<FunctionClass, UsageSum>> usage(String month) {
    asked();
    return sums(month);
  }

  @Override
  public List<NodeObject> nodeObjects(String month) {
    asked();
    var found = new ArrayList<NodeObject>();
    objects.forEach(
        (name, of) -> {
          if (of.month.equals(month)) {
            found.add(
                new NodeObject(
                    name,
                    Long.toString(of.version),
                    of.written,
                    of.usage.stream().map(Usage::namespace).collect(Collectors.toSet())));
          }
        });
    return found;
  }

  private void asked() {
    reads++;
    if (fates.get() != Fate.ANSWERED) {
      throw new ArchiveException("lost");
    }
  }

  private void change(Runnable change) {
    Fate fate = fates.get();
    if (fate != Fate.REQUEST_LOST) {
      change.run();
      writes++;
    }
    if (fate != Fate.ANSWERED) {
      throw new ArchiveException("lost");
    }
  }

  @Override
  public void create(String month, ReportId id) {
    change(
        () ->
            reports
                .computeIfAbsent(month, _ -> new HashMap<>())
                .putIfAbsent(
                    id,
                    new Report(
                        id.namespace(),
                        id.page(),
                        Long.toString(++version),
                        now,
                        false,
                        List.of())));
  }

  @Override
  public void write(String month, Report seen, boolean complete, List<Spending> spending) {
    change(
        () -> {
          Report before = reports.getOrDefault(month, Map.of()).get(seen.id());
          if (before == null || !before.version().equals(seen.version())) {
            throw new ArchiveException("conflict");
          }
          if (before.complete() && !complete) {
            throw new AssertionError("complete can't be undone");
          }
          if (spending.size() > NodeUsageStatus.MAX_USAGE) {
            throw new AssertionError("a page of " + spending.size());
          }
          reports
              .getOrDefault(month, Map.of())
              .put(
                  seen.id(),
                  new Report(
                      seen.namespace(),
                      seen.page(),
                      Long.toString(++version),
                      before.created(),
                      complete,
                      spending));
        });
  }

  @Override
  public void deleteReport(String month, Report seen) {
    change(
        () -> {
          Report before = reports.getOrDefault(month, Map.of()).get(seen.id());
          if (before != null && !before.version().equals(seen.version())) {
            throw new ArchiveException("conflict");
          }
          reports.getOrDefault(month, new HashMap<>()).remove(seen.id());
        });
  }

  @Override
  public void delete(NodeObject seen) {
    change(
        () -> {
          Stored before = objects.get(seen.name());
          if (before != null && Long.toString(before.version).equals(seen.version())) {
            objects.remove(seen.name());
          } else if (before != null) {
            throw new ArchiveException("conflict");
          }
        });
  }
}
