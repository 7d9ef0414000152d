package dev.fareway.activator.main;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The activator's process. */
@Command(
    name = "fareway-activator",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    customSynopsis = "fareway-activator [OPTION...]",
    sortOptions = false,
    usageHelpWidth = 100,
    description =
        "Takes the requests of functions in, and lets the one with the highest price × time waited go next.",
    footer = {"", "Exit status: 0 ended as asked, 1 failed, 2 wrong usage."})
public final class Main implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  @Mixin private final Options options = new Options();

  @Spec private @Nullable CommandSpec spec;

  private Main() {}

  /** Runs until SIGTERM. */
  public static void main(String... arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    try {
      options.check();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()));
    }
    // The one loop does the work; a second serves the API server's client.
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    List<byte[]> keys = TokenKeys.read(options.tokenKeys);
    if (options.tokenKeys == null) {
      LOG.warn("No --token-keys: other replicas don't accept the classes that this one gives out");
    }
    try (KubernetesClient client = client()) {
      var activator = new Activator(options, vertx, client, keys);
      activator.start();
      var stopped = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    try {
                      activator.stop();
                    } catch (Exception e) {
                      LOG.error("Did not stop cleanly", e);
                    } finally {
                      stopped.countDown();
                    }
                  },
                  "drain"));
      stopped.await();
    }
    return 0;
  }

  private KubernetesClient client() {
    Config config =
        options.kubeconfig == null
            ? new ConfigBuilder().build()
            : Config.fromKubeconfig(options.kubeconfig.toFile());
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  /** The version of the package. */
  static final class Version implements IVersionProvider {
    Version() {}

    @Override
    public String[] getVersion() {
      return new String[] {Options.version()};
    }
  }
}
