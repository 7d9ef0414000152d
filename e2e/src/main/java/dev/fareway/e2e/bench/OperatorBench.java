package dev.fareway.e2e.bench;

import dev.fareway.crds.Fareway;
import dev.fareway.e2e.cluster.Accounts;
import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.FreePorts;
import dev.fareway.e2e.cluster.LocalCluster;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.cluster.OperatorFlags;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How soon the packaged operator is ready, and what memory it takes, on a real API server. */
@Command(
    name = "./fareway bench operator",
    customSynopsis = "./fareway bench operator [OPTION...]",
    sortOptions = false,
    usageHelpWidth = 100,
    description =
        "Starts an API server and etcd, makes fake nodes, has the packaged operator place pods on them, and measures its start"
            + " from exec to the first answer of its readiness probe, with the cluster empty and full, and its memory, with"
            + " the flags of its images (jvm.options) and the ahead-of-time cache of ./fareway build. It is set up as by the"
            + " chart: with a service account's token, certificates, webhook and console.")
public final class OperatorBench implements Callable<Integer> {
  private static final int SETTLE_SECONDS = 20;
  private static final String ACCOUNT = "fareway-operator";

  enum Compiler {
    quick,
    full
  }

  @Option(names = "--nodes", paramLabel = "N", description = "How many. Default: ${DEFAULT-VALUE}.")
  int nodes = 1_000;

  @Option(
      names = "--pods",
      paramLabel = "N",
      description = "How many, all placed. Default: ${DEFAULT-VALUE}.")
  int pods = 10_000;

  @Option(
      names = "--starts",
      paramLabel = "N",
      description = "How often it is started. Default: ${DEFAULT-VALUE}.")
  int starts = 5;

  @Option(names = "--no-aot", description = "Start without the ahead-of-time cache.")
  boolean noAot;

  @Option(
      names = "--compiler",
      paramLabel = "NAME",
      description =
          "How far the virtual machine optimises, as the chart's operator.compiler: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  Compiler compiler = Compiler.quick;

  @Option(
      names = "--jvm",
      paramLabel = "FLAG",
      description = "A further flag of the operator's Java, to try what it does; repeatable.")
  List<String> jvm = new ArrayList<>();

  @Mixin CommonOptions common = new CommonOptions();

  /** Runs it. */
  public static void main(String[] args) {
    Logger.getLogger("").setLevel(Level.SEVERE);
    System.exit(new CommandLine(new OperatorBench()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    var report = new BenchReport("operator", "./fareway bench operator");
    Path folder = Files.createTempDirectory("fareway-bench-");
    Path kubeconfig = folder.resolve("operator-kubeconfig");
    int webhook = FreePorts.find(1).getFirst();
    Map<String, String> environment = ChartSettings.environment(webhook);
    environment.put("KUBECONFIG", kubeconfig.toString());
    LocalClusterOptions options =
        LocalClusterOptions.in(folder)
            .withApiServer(ApiServerKind.REAL)
            .withOperatorSettings(environment);
    var flags =
        new ArrayList<>(
            noAot ? OperatorFlags.withoutCache(options.home()) : OperatorFlags.of(options.home()));
    if (compiler == Compiler.quick) {
      flags.add("-XX:TieredStopAtLevel=1");
    }
    flags.addAll(jvm);
    try (LocalCluster cluster = LocalCluster.start(options.withOperatorJvm(flags))) {
      System.out.printf("%s, flags %s%n", cluster.apiServer(), flags);
      ChartSettings.register(cluster.client(), webhook);
      account(cluster, kubeconfig);
      starts(cluster, report, "empty");
      memory(cluster, report, "empty");
      try (var fake = new BenchCluster(cluster.client(), LocalCluster.NAMESPACE)) {
        fake.makeNodes(nodes);
        fake.makeClasses();
        fake.create(pods, Fareway.SCHEDULER_NAME, BenchCluster.STANDARD);
        fake.awaitBound(pods);
        memory(cluster, report, "after_placing");
        cluster.stopOperator();
        starts(cluster, report, "full");
        memory(cluster, report, "full");
        look(cluster);
        memory(cluster, report, "full_and_watched");
        // Nobody waits for the deletion of what goes with its API server.
        fake.forget();
      }
    } finally {
      delete(folder);
    }
    common.write(report);
    return 0;
  }

  /** In a pod it has a token, and none of the certificates that an administrator has. */
  private static void account(LocalCluster cluster, Path kubeconfig) throws IOException {
    cluster
        .client()
        .resource(
            new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(ACCOUNT)
                .withNamespace(LocalCluster.NAMESPACE)
                .endMetadata()
                .build())
        .create();
    cluster
        .client()
        .resource(
            new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(ACCOUNT)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                .addNewSubject(null, "ServiceAccount", ACCOUNT, LocalCluster.NAMESPACE)
                .build())
        .create();
    var _ = Accounts.kubeconfig(cluster.client(), LocalCluster.NAMESPACE, ACCOUNT, kubeconfig);
  }

  /** It runs when this returns. */
  private void starts(LocalCluster cluster, BenchReport report, String when) {
    double[] seconds = new double[starts];
    for (int i = 0; i < starts; i++) {
      cluster.stopOperator();
      long start = System.nanoTime();
      cluster.startOperator();
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    Arrays.sort(seconds);
    report.add("start_to_ready_" + when + "_median", seconds[starts / 2], "s");
    report.add("start_to_ready_" + when + "_longest", seconds[starts - 1], "s");
  }

  private static void memory(LocalCluster cluster, BenchReport report, String when)
      throws IOException, InterruptedException {
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    long pid = cluster.operatorProcess().orElseThrow().pid();
    report.add("resident_" + when, kib(pid, "VmRSS:") / 1024.0, "MiB");
    report.add("resident_anonymous_" + when, kib(pid, "RssAnon:") / 1024.0, "MiB");
    report.add("resident_peak_" + when, kib(pid, "VmHWM:") / 1024.0, "MiB");
  }

  /** Somebody has the console open for half a minute. */
  private static void look(LocalCluster cluster) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; i < 15; i++) {
        HttpResponse<byte[]> answer =
            http.send(
                HttpRequest.newBuilder(cluster.console().resolve("state")).build(),
                BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
          throw new IOException("the console answers " + answer.statusCode());
        }
        TimeUnit.SECONDS.sleep(2);
      }
    }
  }

  private static long kib(long pid, String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no %s of process %d".formatted(name, pid));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
