package dev.fareway.e2e.kind;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./fareway e2e}. */
@Command(
    name = "./fareway e2e",
    customSynopsis = "./fareway e2e [OPTION...] [KUBECONFIG]",
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Runs the end-to-end suite on a cluster with containers: the images of this work tree, its chart, and functions of both"
          + " kinds on real nodes. Without a KUBECONFIG it makes a cluster by kind (Docker, kind and kubectl are needed), with one"
          + " control plane and three workers that swap, and removes it at the end.",
      ""
    },
    footer = {
      "",
      "Exit status: 0 all tests passed, 1 a test or a step failed, 2 wrong usage, 3 skipped: this machine lacks something, which is named."
    })
public final class E2eCommand implements Callable<Integer> {
  static final int SKIPPED = 3;
  private static final Duration QUICK = Duration.ofMinutes(2);
  private static final Duration SLOW = Duration.ofMinutes(15);
  private static final Duration SUITE = Duration.ofMinutes(60);
  private static final String NAME = "fareway-e2e";
  private static final List<String> KNATIVE_FILES =
      List.of("serving-crds.yaml", "serving-core.yaml");

  @Spec @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "KUBECONFIG",
      description =
          "A cluster to test on, in place of one by kind. The suite installs and removes Fareway there.")
  @Nullable Path kubeconfig;

  @Option(names = "--kind", description = "Make a cluster by kind; so it is without a KUBECONFIG.")
  boolean kind;

  @Option(
      names = "--knative",
      description = "Install Knative Serving and Kourier on the cluster by kind as well.")
  boolean knative;

  @Option(
      names = "--knative-version",
      paramLabel = "VERSION",
      defaultValue = "1.20.0",
      description = "Of Knative Serving. Default: ${DEFAULT-VALUE}.")
  String knativeVersion = "1.20.0";

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      defaultValue = "busybox:1.37",
      description =
          "Image of the suite's functions: with a shell, awk and nsenter. Default: ${DEFAULT-VALUE}.")
  String image = "busybox:1.37";

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "A value of the chart; may be given several times.")
  List<String> values = new ArrayList<>();

  @Option(names = "--keep", description = "Leave the cluster by kind as it is at the end.")
  boolean keep;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "This page.")
  private boolean help;

  private final Path home;
  private final Path folder;
  private final Tools tools;
  private final PrintStream out;
  private final String maven;

  E2eCommand(Path home, Path folder, Tools tools, String maven, PrintStream out) {
    this.home = home;
    this.folder = folder;
    this.tools = tools;
    this.maven = maven;
    this.out = out;
  }

  /** Runs it. */
  public static void main(String[] arguments) throws IOException {
    Path home = Path.of(System.getProperty("fareway.home", "")).toAbsolutePath();
    Path folder = Files.createDirectories(home.resolve("target/e2e"));
    Path log = folder.resolve("e2e.log");
    Files.deleteIfExists(log);
    var tools =
        new Tools(
            log,
            Objects.requireNonNullElse(System.getenv("PATH"), ""),
            Map.of("JAVA_HOME", System.getProperty("java.home")));
    System.exit(
        run(
            new E2eCommand(
                home, folder, tools, System.getProperty("fareway.mvn", "mvn"), System.err),
            arguments));
  }

  static int run(E2eCommand command, String... arguments) {
    return new CommandLine(command).execute(arguments);
  }

  @Override
  public Integer call() throws InterruptedException {
    if (kind && kubeconfig != null) {
      throw wrong("Give --kind or a KUBECONFIG, not both.");
    }
    if (knative && kubeconfig != null) {
      throw wrong(
          "--knative is for a cluster by kind; on %s install it yourself.".formatted(kubeconfig));
    }
    if (kubeconfig != null && !Files.isRegularFile(kubeconfig)) {
      throw wrong("There is no file %s.".formatted(kubeconfig));
    }
    for (String value : values) {
      if (!value.contains("=") || value.contains(",")) {
        throw wrong("--set is '%s': write NAME=VALUE.".formatted(value));
      }
    }
    try {
      return kubeconfig == null ? onKind() : suite(kubeconfig.toAbsolutePath(), values);
    } catch (ToolException e) {
      out.println("fareway: " + e.getMessage());
      out.println("All that was printed is in " + folder.resolve("e2e.log"));
      return 1;
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  private Integer onKind() throws InterruptedException {
    Optional<String> missing = missing();
    if (missing.isPresent()) {
      out.println("fareway: skipped, " + missing.get());
      return SKIPPED;
    }
    Path config = folder.resolve("kubeconfig");
    say("Building the images");
    tools.run(SLOW, Optional.of(home), home.resolve("fareway").toString(), "images");
    List<Path> archives = archives();
    say("Making a cluster by kind: " + NAME);
    try {
      Path file = Files.writeString(folder.resolve("kind.yaml"), KindConfig.of(NAME, knative));
      // One that an earlier run left.
      tools.run(QUICK, "kind", "delete", "cluster", "--name", NAME);
      tools.run(
          SLOW,
          "kind",
          "create",
          "cluster",
          "--config",
          file.toString(),
          "--kubeconfig",
          config.toString(),
          "--wait",
          "180s");
      for (Path archive : archives) {
        say("Loading " + archive.getFileName());
        tools.run(SLOW, "kind", "load", "image-archive", archive.toString(), "--name", NAME);
      }
      if (knative) {
        installKnative(config);
      }
      List<String> all = new ArrayList<>(values);
      all.add("image.pullPolicy=IfNotPresent");
      return suite(config, all);
    } catch (IOException e) {
      throw new ToolException(folder + " can't be written: " + e.getMessage(), e);
    } finally {
      if (keep) {
        say("The cluster stays: KUBECONFIG=" + config);
      } else {
        tools.run(QUICK, "kind", "delete", "cluster", "--name", NAME);
      }
    }
  }

  /** What is not on this machine, in words; empty if all is. */
  private Optional<String> missing() throws InterruptedException {
    for (String program : List.of("docker", "kind", "kubectl")) {
      if (tools.find(program).isEmpty()) {
        return Optional.of(
            "there is no %s on the PATH; give a KUBECONFIG to test on another cluster"
                .formatted(program));
      }
    }
    try {
      tools.run(QUICK, "docker", "info");
      return Optional.empty();
    } catch (ToolException e) {
      return Optional.of("no Docker engine answers: " + e.getMessage());
    }
  }

  private List<Path> archives() {
    Path images = home.resolve("target/images");
    try (Stream<Path> files = Files.list(images)) {
      List<Path> archives =
          files.filter(file -> file.toString().endsWith(".tar")).sorted().toList();
      if (archives.isEmpty()) {
        throw new ToolException("./fareway images left no *.tar in " + images);
      }
      return archives;
    } catch (IOException e) {
      throw new ToolException("./fareway images left nothing in " + images, e);
    }
  }

  private void installKnative(Path config) throws InterruptedException {
    say("Installing Knative Serving %s and Kourier".formatted(knativeVersion));
    String kubeconfigArgument = "--kubeconfig=" + config;
    String release =
        "https://github.com/knative/serving/releases/download/knative-v" + knativeVersion;
    for (String file : KNATIVE_FILES) {
      tools.run(SLOW, "kubectl", kubeconfigArgument, "apply", "-f", release + "/" + file);
    }
    tools.run(
        SLOW,
        "kubectl",
        kubeconfigArgument,
        "apply",
        "-f",
        "https://github.com/knative-extensions/net-kourier/releases/download/knative-v%s/kourier.yaml"
            .formatted(knativeVersion));
    patch(
        config,
        "knative-serving",
        "configmap/config-network",
        "{\"data\":{\"ingress-class\":\"kourier.ingress.networking.knative.dev\"}}");
    patch(
        config,
        "knative-serving",
        "configmap/config-domain",
        "{\"data\":{\"127.0.0.1.sslip.io\":\"\"}}");
    patch(
        config,
        "kourier-system",
        "service/kourier",
        "{\"spec\":{\"type\":\"NodePort\",\"ports\":[{\"name\":\"http2\",\"port\":80,\"targetPort\":8080,\"nodePort\":%d}]}}"
            .formatted(KindConfig.INGRESS_PORT));
    for (String namespace : List.of("knative-serving", "kourier-system")) {
      tools.run(
          SLOW,
          "kubectl",
          kubeconfigArgument,
          "--namespace=" + namespace,
          "wait",
          "--for=condition=Available",
          "--timeout=300s",
          "deployment",
          "--all");
    }
  }

  private void patch(Path config, String namespace, String object, String patch)
      throws InterruptedException {
    tools.run(
        QUICK,
        "kubectl",
        "--kubeconfig=" + config,
        "--namespace=" + namespace,
        "patch",
        object,
        "--type=merge",
        "--patch=" + patch);
  }

  private Integer suite(Path config, List<String> chartValues) throws InterruptedException {
    say("Running the suite");
    tools.run(
        SUITE,
        Optional.of(home),
        maven,
        "-B",
        "-ntp",
        "-Dquick",
        "-pl",
        "e2e",
        "-am",
        "test",
        "-Dtest=ClusterIT",
        "-Dsurefire.failIfNoSpecifiedTests=false",
        "-Dfareway.e2e.kubeconfig=" + config,
        "-Dfareway.e2e.image=" + image,
        "-Dfareway.e2e.values=" + String.join(",", chartValues));
    say("All passed; reports: e2e/target/surefire-reports");
    return 0;
  }

  private void say(String what) {
    out.println(what + " ...");
  }
}
