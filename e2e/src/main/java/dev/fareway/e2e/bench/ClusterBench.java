package dev.fareway.e2e.bench;

import dev.fareway.crds.Fareway;
import dev.fareway.e2e.bench.BenchCluster.Bound;
import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.LocalCluster;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.cluster.OperatorFlags;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How fast pods get their nodes on an API server: by nobody's decision, by Fareway, by others. */
@Command(
    name = "./fareway bench cluster",
    customSynopsis = "./fareway bench cluster [OPTION...]",
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Makes fake nodes and pods on an API server and measures, in one run: (a) the raw limit, bindings posted by the same"
          + " client with no scheduling; (b) Fareway, from the first binding of waiting pods to the last; (c) other"
          + " schedulers that run there. Then the time from creation to bound, by class, of pods that come at a steady rate,"
          + " without and with a backlog of cheap pods that fit nowhere. It removes all it made.",
      "",
      "Without --kubeconfig it starts an API server, etcd and the packaged operator of its own."
    })
public final class ClusterBench implements Callable<Integer> {
  private static final int WARM_UP = 3_000;

  /**
   * Rounds of raw bindings to warm up: it is this process that posts them, and its code is to be
   * compiled before what it posts is called the limit.
   */
  private static final int WARM_UPS = 3;

  /** How many of the slowest are told one by one. */
  private static final int SLOWEST = 10;

  /** Where a scheduler's own limit says how fast it is, so many say it. */
  private static final int LIMITED = 1_000;

  /** The heap that the chart's memory limit leaves to the operator. */
  private static final String OPERATOR_HEAP = "-Xmx460m";

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "The API server; Fareway's operator must run there. Default: one of its own.")
  Path kubeconfig = Path.of("");

  @Option(names = "--nodes", paramLabel = "N", description = "How many. Default: ${DEFAULT-VALUE}.")
  int nodes = 1_000;

  @Option(
      names = "--pods",
      paramLabel = "N",
      description = "How many a measurement. Default: ${DEFAULT-VALUE}.")
  int pods = 5_000;

  @Option(
      names = "--scheduler",
      paramLabel = "NAME",
      description = "A further scheduler that runs there, such as default-scheduler; repeatable.")
  List<String> schedulers = new ArrayList<>();

  @Option(
      names = "--kube-scheduler",
      paramLabel = "FILE",
      description =
          "Start this kube-scheduler beside the API server of its own, and measure it too: with 5,000 requests a second"
              + " allowed to it, and by default, which is 50.")
  Path kubeScheduler = Path.of("");

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description = "Where the operator runs. Default: ${DEFAULT-VALUE}.")
  String namespace = LocalCluster.NAMESPACE;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      description = "Bindings under way at once, in (a). Default: ${DEFAULT-VALUE}.")
  int inFlight = 64;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Pods a second where the time to bound is measured. Default: ${DEFAULT-VALUE}.")
  int rate = 50;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often (a) and (b) are measured, in turns. Default: ${DEFAULT-VALUE}.")
  int rounds = 3;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long such pods come. Default: ${DEFAULT-VALUE}.")
  int seconds = 20;

  @Option(
      names = "--backlog",
      paramLabel = "N",
      description =
          "Cheap pods that wait while the dear are measured; 0: leave that out. Default: ${DEFAULT-VALUE}.")
  int backlog = 10_000;

  @Option(
      names = "--operator-jvm",
      paramLabel = "FLAG",
      description = "A further flag of the operator's Java, such as one to profile it; repeatable.")
  List<String> operatorJvm = new ArrayList<>();

  @Mixin CommonOptions common = new CommonOptions();

  @CommandLine.Spec CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  /** Runs it. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new ClusterBench()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    atLeast("--nodes", nodes, 1);
    atLeast("--pods", pods, 1);
    atLeast("--in-flight", inFlight, 1);
    atLeast("--rate", rate, 1);
    atLeast("--rounds", rounds, 1);
    atLeast("--seconds", seconds, 1);
    atLeast("--backlog", backlog, 0);
    if (!kubeconfig.toString().isEmpty()) {
      try (KubernetesClient client =
          new KubernetesClientBuilder()
              // From its text: a client that knows the file reads it anew for every request.
              .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig)))
              .build()) {
        measure(client, Optional.empty(), Path.of(""));
      }
      return 0;
    }
    Path folder = Files.createTempDirectory("fareway-bench-");
    LocalClusterOptions options = LocalClusterOptions.in(folder).withApiServer(ApiServerKind.REAL);
    var flags = new ArrayList<>(OperatorFlags.of(options.home()));
    flags.add(OPERATOR_HEAP);
    flags.addAll(operatorJvm);
    try (LocalCluster cluster = LocalCluster.start(options.withOperatorJvm(flags))) {
      System.out.println("API server: " + cluster.apiServer());
      cluster.startOperator();
      measure(cluster.client(), Optional.of(cluster), folder);
    } finally {
      deleteAll(folder);
    }
    return 0;
  }

  private void measure(KubernetesClient client, Optional<LocalCluster> own, Path folder)
      throws IOException, InterruptedException {
    var report = new BenchReport("cluster", command());
    try (var cluster = new BenchCluster(client, namespace)) {
      cluster.makeNodes(nodes);
      cluster.makeClasses();
      System.out.printf("%d nodes, %d pods a measurement%n", nodes, pods);

      double fareway = rawAndFareway(cluster, report, own.flatMap(LocalCluster::operatorProcess));
      if (!kubeScheduler.toString().isEmpty() && own.isPresent()) {
        kubeScheduler(cluster, report, own.get().kubeconfig(), folder, fareway);
      }
      for (String scheduler : schedulers) {
        other(cluster, report, scheduler, fareway);
      }
      latencies(cluster, report);
    }
    common.write(report);
  }

  /**
   * In turns, so that who comes first, when nothing is compiled yet, has no disadvantage of it.
   *
   * @return pods a second of Fareway, on an average
   */
  private double rawAndFareway(
      BenchCluster cluster, BenchReport report, Optional<ProcessHandle> operator)
      throws InterruptedException {
    int warmUp = Math.min(WARM_UP, pods);
    for (int round = 0; round < WARM_UPS; round++) {
      cluster.bindAll(cluster.create(warmUp, "nobody", BenchCluster.STANDARD), inFlight);
      cluster.awaitBound(warmUp);
      cluster.removePods();
    }
    cluster.create(warmUp, Fareway.SCHEDULER_NAME, BenchCluster.STANDARD);
    cluster.awaitBound(warmUp);
    cluster.removePods();
    double raw = 0;
    double fareway = 0;
    for (int round = 1; round <= rounds; round++) {
      double rawNow = raw(cluster);
      report.add("raw_bindings_round_" + round, rawNow, "pods/s");
      double farewayNow = fareway(cluster, report, operator);
      report.add("fareway_round_" + round, farewayNow, "pods/s");
      raw += rawNow / rounds;
      fareway += farewayNow / rounds;
    }
    report.add("raw_bindings", raw, "pods/s");
    report.add("fareway", fareway, "pods/s");
    report.add("fareway_of_raw", fareway / raw, "");
    return fareway;
  }

  private double raw(BenchCluster cluster) throws InterruptedException {
    cluster.bindAll(cluster.create(pods, "nobody", BenchCluster.STANDARD), inFlight);
    List<Bound> bound = cluster.awaitBound(pods);
    cluster.removePods();
    return throughput(bound);
  }

  private double fareway(BenchCluster cluster, BenchReport report, Optional<ProcessHandle> operator)
      throws InterruptedException {
    cluster.pause(true);
    cluster.create(pods, Fareway.SCHEDULER_NAME, BenchCluster.STANDARD);
    TimeUnit.SECONDS.sleep(3);
    Optional<Duration> before = operator.flatMap(process -> process.info().totalCpuDuration());
    cluster.pause(false);
    List<Bound> bound = cluster.awaitBound(pods);
    Optional<Duration> after = operator.flatMap(process -> process.info().totalCpuDuration());
    if (before.isPresent() && after.isPresent()) {
      report.add("operator_cpu", after.get().minus(before.get()).toNanos() / 1e3 / pods, "us/pod");
    }
    cluster.removePods();
    return throughput(bound);
  }

  /** As with Fareway all pods wait before the first is placed, so that no one else is at work. */
  private void kubeScheduler(
      BenchCluster cluster, BenchReport report, Path kubeconfig, Path folder, double fareway)
      throws IOException, InterruptedException {
    for (int qps : List.of(5_000, 50)) {
      // With few requests a second, more pods take longer and say the same.
      int measured = qps == 50 ? Math.min(pods, LIMITED) : pods;
      cluster.create(measured, "default-scheduler", BenchCluster.STANDARD);
      TimeUnit.SECONDS.sleep(3);
      try (var _ = KubeScheduler.start(kubeScheduler, kubeconfig, folder, qps)) {
        double other = throughput(cluster.awaitBound(measured));
        String name =
            qps == 50
                ? "kube_scheduler_by_default"
                : "kube_scheduler_with_%d_requests_a_second".formatted(qps);
        report.add(name, other, "pods/s");
        report.add("fareway_over_" + name, fareway / other, "times");
      }
      cluster.removePods();
    }
  }

  private void other(BenchCluster cluster, BenchReport report, String scheduler, double fareway)
      throws InterruptedException {
    cluster.create(Math.min(WARM_UP / 2, pods), scheduler, BenchCluster.STANDARD);
    cluster.awaitBound(Math.min(WARM_UP / 2, pods));
    cluster.removePods();
    cluster.create(pods, scheduler, BenchCluster.STANDARD);
    List<Bound> bound = cluster.awaitBound(pods);
    cluster.removePods();
    double other = throughput(bound);
    report.add(scheduler, other, "pods/s");
    report.add("fareway_over_" + scheduler, fareway / other, "times");
  }

  private void latencies(BenchCluster cluster, BenchReport report) throws InterruptedException {
    double alone = 0;
    for (String priceClass :
        List.of(BenchCluster.DEAR, BenchCluster.STANDARD, BenchCluster.CHEAP)) {
      List<Bound> bound = cluster.steady(rate, seconds, Fareway.SCHEDULER_NAME, priceClass);
      report.add(priceClass + "_p50", percentile(bound, 0.50), "ms");
      double p99 = percentile(bound, 0.99);
      report.add(priceClass + "_p99", p99, "ms");
      tellSlowest(bound);
      if (priceClass.equals(BenchCluster.DEAR)) {
        alone = p99;
      }
      cluster.removePods();
    }
    if (backlog > 0) {
      cluster.createThatFitNowhere(backlog);
      // What was said to each of them is written.
      TimeUnit.SECONDS.sleep(15);
      List<Bound> bound = cluster.steady(rate, seconds, Fareway.SCHEDULER_NAME, BenchCluster.DEAR);
      double behind = percentile(bound, 0.99);
      report.add(BenchCluster.DEAR + "_p50_backlog", percentile(bound, 0.50), "ms");
      report.add(BenchCluster.DEAR + "_p99_backlog", behind, "ms");
      tellSlowest(bound);
      report.add("backlog_over_none", behind / alone, "times");
      cluster.removePods();
    }
  }

  private static double throughput(List<Bound> bound) {
    long first = bound.stream().mapToLong(Bound::boundNanos).min().orElseThrow();
    long last = bound.stream().mapToLong(Bound::boundNanos).max().orElseThrow();
    return (bound.size() - 1) / Math.max(1e-9, (last - first) / 1e9);
  }

  private static double percentile(List<Bound> bound, double p) {
    List<Bound> sorted =
        bound.stream().sorted(Comparator.comparingLong(Bound::latencyNanos)).toList();
    int index = (int) Math.ceil(p * sorted.size()) - 1;
    return sorted.get(Math.max(0, index)).latencyNanos() / 1e6;
  }

  /** Whether one pause or many little ones made the slow ones slow. */
  private static void tellSlowest(List<Bound> bound) {
    long start = bound.stream().mapToLong(Bound::createdNanos).min().orElseThrow();
    System.out.println(
        "  the slowest of %d: %s"
            .formatted(
                bound.size(),
                bound.stream()
                    .sorted(Comparator.comparingLong(Bound::latencyNanos).reversed())
                    .limit(SLOWEST)
                    .map(
                        slow ->
                            "%.1f ms at %.2f s"
                                .formatted(
                                    slow.latencyNanos() / 1e6, (slow.createdNanos() - start) / 1e9))
                    .collect(Collectors.joining(", "))));
  }

  private String command() {
    return "./fareway bench cluster --nodes %d --pods %d".formatted(nodes, pods);
  }

  private void atLeast(String option, int value, int least) {
    if (value < least) {
      throw new ParameterException(
          spec.commandLine(), "%s is %d: write %d or more.".formatted(option, value, least));
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
