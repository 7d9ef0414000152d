package dev.fareway.node.daemon;

import dev.fareway.node.kubernetes.ApiAccess;
import dev.fareway.node.kubernetes.ApiClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/** The node daemon's program. */
@Command(
    name = "fareway-node-daemon",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    customSynopsis = "fareway-node-daemon [OPTION...]",
    sortOptions = false,
    usageHelpWidth = 100,
    description =
        "Enforces price classes on this node: reports its load to the shards, and gives the threads of function pods the rank"
            + " of their class. It touches nothing but function pods, and puts back what it changed when it ends (SIGTERM).",
    footer = {
      "",
      "Without root it can't change the scheduling of others: it says so and does the rest.",
      "Exit status: 0 ended as asked, 1 failed, 2 wrong usage."
    })
public final class Main implements Callable<Integer> {
  static {
    System.setProperty(
        "java.util.logging.SimpleFormatter.format",
        System.getProperty(
            "java.util.logging.SimpleFormatter.format",
            "%1$tH:%1$tM:%1$tS.%1$tL %4$-7s %5$s%6$s%n"));
  }

  private static final Logger LOG = Logger.getLogger(Main.class.getName());

  /** Held here: a logger that nobody holds is collected, and its level forgotten. */
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  @Mixin Options options = new Options();

  private final CountDownLatch stop;

  private Main(CountDownLatch stop) {
    this.stop = stop;
  }

  /** Runs until it is told to end. */
  public static void main(String[] args) {
    System.exit(run(new CountDownLatch(1), args));
  }

  /** Runs until it is told to end, or {@code stop} is counted down; the exit status. */
  static int run(CountDownLatch stop, String... args) {
    GRPC.setLevel(Level.SEVERE);
    return new CommandLine(new Main(stop)).setCaseInsensitiveEnumValuesAllowed(true).execute(args);
  }

  @Override
  public Integer call() throws InterruptedException {
    options.check();
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(
                    () -> {
                      stop.countDown();
                      try {
                        // What was changed is put back before the process ends.
                        stopped.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    }));
    try {
      var client = new ApiClient(ApiAccess.find(options.kubeconfig, System.getenv()));
      if (options.restore) {
        boolean done = new Restore(options, client).run(stop);
        if (options.stay) {
          stop.await();
        }
        return done ? 0 : 1;
      }
      var daemon = new NodeDaemon(options, client);
      try {
        daemon.start();
        stop.await();
      } finally {
        daemon.stop();
      }
      return 0;
    } catch (IOException e) {
      LOG.log(Level.SEVERE, "The node daemon can''t start: {0}.", e.getMessage());
      return 1;
    } finally {
      stopped.countDown();
    }
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
