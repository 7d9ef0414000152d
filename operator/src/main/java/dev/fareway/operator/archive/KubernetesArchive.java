package dev.fareway.operator.archive;

import static java.util.Objects.requireNonNullElse;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.UsageReport;
import dev.fareway.crds.UsageReportSpec;
import dev.fareway.crds.UsageReportStatus;
import dev.fareway.crds.UsageReportStatus.Spending;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageSum;
import dev.fareway.operator.usage.UsageIndex;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The archive's objects on the API server. */
final class KubernetesArchive implements ArchiveStore {
  /** Objects a page: one may have 512 entries. */
  private static final long PAGE = 100;

  /** So far back it is looked for reports that are too old. */
  private static final int LOOK_BACK_MONTHS = 24;

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final KubernetesClient client;
  private final UsageIndex index;

  KubernetesArchive(KubernetesClient client, UsageIndex index) {
    this.client = client;
    this.index = index;
  }

  @Override
  public Set<String> months() {
    return index.months();
  }

  @Override
  public Set<String> namespaces(String month) {
    return index.namespaces(month);
  }

  @Override
  public List<Report> reports(String month) {
    var reports = new ArrayList<Report>();
    eachPage(
        "UsageReports of " + month,
        options ->
            client.resources(UsageReport.class).withLabel(Fareway.MONTH, month).list(options),
        object -> {
          if (object.getSpec() != null && month.equals(object.getSpec().month())) {
            reports.add(report(object));
          }
        });
    return reports;
  }

  private static Report report(UsageReport object) {
    UsageReportStatus status =
        requireNonNullElse(object.getStatus(), new UsageReportStatus(false, List.of()));
    return new Report(
        object.getSpec().namespace(),
        object.getSpec().page(),
        object.getMetadata().getResourceVersion(),
        Instant.parse(object.getMetadata().getCreationTimestamp()),
        status.complete(),
        status.spending());
  }

  @Override
  public Set<String> reportedBefore(String month) {
    var before = new ArrayList<String>();
    YearMonth first = YearMonth.parse(month);
    for (int back = 1; back <= LOOK_BACK_MONTHS; back++) {
      before.add(first.minusMonths(back).toString());
    }
    var found = new HashSet<String>();
    eachPage(
        "UsageReports before " + month,
        options ->
            client
                .resources(UsageReport.class)
                .withLabelIn(Fareway.MONTH, before.toArray(String[]::new))
                .list(options),
        object -> found.add(object.getSpec().month()));
    return found;
  }

  @Override
  public Map<String, Map<FunctionClass, UsageSum>> usage(String month) {
    var usage = new HashMap<String, Map<FunctionClass, UsageSum>>();
    eachNodeUsage(
        month,
        object -> {
          for (Usage of : usageOf(object)) {
            usage
                .computeIfAbsent(of.namespace(), _ -> new HashMap<>())
                .computeIfAbsent(
                    new FunctionClass(of.function(), of.priceClass()), _ -> new UsageSum())
                .add(of);
          }
        });
    return usage;
  }

  @Override
  public List<NodeObject> nodeObjects(String month) {
    var objects = new ArrayList<NodeObject>();
    eachNodeUsage(
        month,
        object ->
            objects.add(
                new NodeObject(
                    object.getMetadata().getName(),
                    object.getMetadata().getResourceVersion(),
                    written(object),
                    usageOf(object).stream().map(Usage::namespace).collect(Collectors.toSet()))));
    return objects;
  }

  private static List<Usage> usageOf(NodeUsage object) {
    return object.getStatus() == null ? List.of() : object.getStatus().usage();
  }

  private static Instant written(NodeUsage object) {
    Instant created = Instant.parse(object.getMetadata().getCreationTimestamp());
    return requireNonNullElse(
            object.getMetadata().getManagedFields(),
            List.<io.fabric8.kubernetes.api.model.ManagedFieldsEntry>of())
        .stream()
        .filter(of -> of.getTime() != null)
        .map(of -> Instant.parse(of.getTime()))
        .reduce(created, (a, b) -> b.isAfter(a) ? b : a);
  }

  private void eachNodeUsage(String month, Consumer<NodeUsage> each) {
    eachPage(
        "NodeUsages",
        options -> client.resources(NodeUsage.class).list(options),
        object -> {
          if (object.getSpec() != null && month.equals(object.getSpec().month())) {
            each.accept(object);
          }
        });
  }

  private static <T extends HasMetadata> void eachPage(
      String what,
      Function<ListOptions, ? extends KubernetesResourceList<T>> list,
      Consumer<T> each) {
    String next = null;
    do {
      ListOptions options = new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build();
      KubernetesResourceList<T> page = asked("Listing " + what, () -> list.apply(options));
      page.getItems().forEach(each);
      next = page.getMetadata() == null ? null : page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty());
  }

  @Override
  public void create(String month, ReportId id) {
    String name = UsageReport.nameOf(month, id.namespace(), id.page());
    var report = new UsageReport();
    report.setMetadata(
        new ObjectMetaBuilder().withName(name).addToLabels(Fareway.MONTH, month).build());
    report.setSpec(new UsageReportSpec(month, id.namespace(), id.page()));
    unlessDone(CONFLICT, "Creating UsageReport " + name, () -> client.resource(report).create());
  }

  @Override
  public void write(String month, Report seen, boolean complete, List<Spending> spending) {
    String name = seen.name(month);
    var report = new UsageReport();
    report.setMetadata(
        new ObjectMetaBuilder()
            .withName(name)
            .withResourceVersion(seen.version())
            .addToLabels(Fareway.MONTH, month)
            .build());
    report.setSpec(new UsageReportSpec(month, seen.namespace(), seen.page()));
    report.setStatus(new UsageReportStatus(complete, spending));
    var _ = asked("Writing UsageReport " + name, () -> client.resource(report).updateStatus());
  }

  @Override
  public void deleteReport(String month, Report seen) {
    delete("usagereports", seen.name(month), seen.version());
  }

  @Override
  public void delete(NodeObject seen) {
    delete("nodeusages", seen.name(), seen.version());
  }

  /** Only in this version. */
  private void delete(String plural, String name, String version) {
    unlessDone(
        NOT_FOUND,
        "Deleting %s/%s".formatted(plural, name),
        () ->
            client.raw(
                "/apis/%s/%s/%s/%s".formatted(Fareway.GROUP, Fareway.VERSION, plural, name),
                "DELETE",
                new DeleteOptionsBuilder()
                    .withNewPreconditions()
                    .withResourceVersion(version)
                    .endPreconditions()
                    .build()));
  }

  private static void unlessDone(int code, String what, Supplier<?> call) {
    try {
      var _ = call.get();
    } catch (KubernetesClientException e) {
      if (e.getCode() != code) {
        throw new ArchiveException("%s failed: %s".formatted(what, e.getMessage()), e);
      }
    }
  }

  private static <T> T asked(String what, Supplier<T> call) {
    try {
      return call.get();
    } catch (KubernetesClientException e) {
      throw new ArchiveException("%s failed: %s".formatted(what, e.getMessage()), e);
    }
  }
}
