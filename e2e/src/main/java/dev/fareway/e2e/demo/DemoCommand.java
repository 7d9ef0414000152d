package dev.fareway.e2e.demo;

import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.load.RealtimePriority;
import dev.fareway.e2e.report.DemoResult;
import dev.fareway.e2e.report.ReportFiles;
import dev.fareway.e2e.report.TextTable;
import dev.fareway.e2e.report.Verdict;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./fareway demo}. */
@Command(
    name = "./fareway demo",
    sortOptions = false,
    usageHelpWidth = 88,
    description = {
      "",
      "Shows the crowding problem on this machine, and then shows it gone.",
      "",
      "Three functions share the machine: a home page (class interactive, 2 micro-cents per CPU"
          + " second), a user profile (standard, 1.5) and image processing (batch, 0.5). A load"
          + " generator sends them medium load, then a spike of batch work beyond the cores, then"
          + " medium load again. The load runs three times: the home page alone (unloaded), all"
          + " three without Fareway's enforcement (crowded), and all three with Fareway. At the end"
          + " one table tells how long requests took.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  ./fareway demo                       three loads of 30 seconds, about two minutes",
      "  ./fareway demo --seconds 60          longer, so steadier 99th percentiles",
      "  ./fareway demo --seed 7              other arrivals and run times",
      "  ./fareway demo --report /tmp/demo    report.html and report.json go there",
      "  ./fareway demo --keep                look into the cluster with kubectl afterwards",
      "",
      "Needs Linux, and root or CAP_SYS_NICE for real-time priorities. Everything runs on",
      "loopback addresses; what was changed on the machine is put back at the end, or on Ctrl-C.",
      "",
      "Exit status: 0 measured, 1 could not, 2 wrong usage.",
    })
public final class DemoCommand implements Callable<Integer> {
  private static final int MIN_SECONDS = 3;
  private static final int MAX_SECONDS = 3600;
  private static final int WIDTH = 88;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "Length of each of the three loads, 3 to 3600 (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Decides all arrivals and run times, the same in all three loads (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Folder for report.html and report.json (default: target/demo).")
  private @Nullable Path report;

  @Option(names = "--keep", description = "Leave all of it running at the end, until Ctrl-C.")
  private boolean keep;

  @Option(
      names = "--no-browser",
      description = "Don't open the console in a browser, even where there is a display.")
  private boolean noBrowser;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "This page.")
  @SuppressWarnings("unused") // picocli looks at it.
  private boolean help;

  private final ClusterStarter starter;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;

  /** Starts the cluster that a demo runs on. */
  interface ClusterStarter {
    DemoCluster start(Path folder, Progress progress) throws IOException, InterruptedException;
  }

  DemoCommand(ClusterStarter starter, PrintStream out, PrintStream err, boolean terminal) {
    this.starter = starter;
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /** Runs the demo and exits. */
  public static void main(String[] args) {
    // What libraries tell of their work is no part of the demo.
    Logger.getLogger("").setLevel(Level.SEVERE);
    System.exit(
        commandLine(
                new DemoCommand(
                    (folder, progress) ->
                        LocalDemoCluster.start(LocalClusterOptions.in(folder), progress),
                    System.out,
                    System.err,
                    isTerminal()))
            .execute(args));
  }

  @SuppressWarnings("SystemConsoleNull") // It is null again in JDK 25.
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** The parser: a wrong option is one sentence and exit status 2. */
  static CommandLine commandLine(DemoCommand command) {
    return new CommandLine(command)
        .setParameterExceptionHandler(
            (failure, args) -> {
              failure.getCommandLine().getErr().println("fareway demo: " + failure.getMessage());
              failure.getCommandLine().getErr().println("See ./fareway demo --help.");
              return 2;
            });
  }

  @Override
  public Integer call() {
    if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "--seconds must be from %d to %d, not %d".formatted(MIN_SECONDS, MAX_SECONDS, seconds));
    }
    try (StopOnSignal _ = new StopOnSignal(Thread.currentThread())) {
      return run();
    } catch (DemoFailure e) {
      return fail(e.sentence());
    } catch (IOException e) {
      return fail(IoMessage.of(e));
    } catch (InterruptedException e) {
      return fail("stopped.");
    }
  }

  private int run() throws IOException, InterruptedException {
    RealtimePriority.probe()
        .ifPresent(
            why -> {
              throw new DemoFailure(
                  "Fareway can't set real-time priorities here, so there would be nothing to compare: "
                      + why
                      + ". Run it as root: sudo ./fareway demo.");
            });
    ReportFiles files =
        ReportFiles.in(
            report == null
                ? LocalClusterOptions.in(Path.of("")).home().resolve("target/demo")
                : report);
    Progress progress = new Progress(out, terminal);
    int cores = Runtime.getRuntime().availableProcessors();
    progress.say(
        "Fareway demo: %d cores, three loads of %d seconds, seed %d"
            .formatted(cores, seconds, seed));
    try (WorkFolder work = WorkFolder.create();
        DemoCluster cluster = starter.start(work.path(), progress)) {
      cluster.console().ifPresent(page -> open(page, progress));
      Scenario scenario = Scenario.of(cores, Duration.ofSeconds(seconds));
      var generator = new LoadProcess(work.path());
      DemoResult result = new Demo(scenario, seed, cores, cluster, generator, progress).run();
      tell(result);
      files.write(result);
      List<String> invocations = new TwoClasses(scenario, seed, cores, cluster, generator).run();
      if (!invocations.isEmpty()) {
        out.println();
        invocations.forEach(out::println);
        out.println();
      }
      out.println("Report: " + files.page().toUri());
      out.println("        " + files.json());
      if (keep) {
        out.println();
        cluster.howToLook().forEach(out::println);
        out.println("All of it is left running; press Ctrl-C to stop it.");
        new CountDownLatch(1).await();
      }
      return result.verdict().errors() == 0 ? 0 : 1;
    }
  }

  private void open(URI console, Progress progress) {
    progress.say("Console: " + console);
    if (!noBrowser) {
      Browser.open(console, System.getenv());
    }
  }

  private void tell(DemoResult result) {
    Verdict verdict = result.verdict();
    out.println();
    out.print(TextTable.of(result));
    out.println();
    TextLines.wrap(verdict.sentence(), WIDTH).forEach(out::println);
    if (!verdict.holds()) {
      TextLines.wrap(verdict.shortfall(), WIDTH).forEach(out::println);
      result.disturbance().ifPresent(why -> TextLines.wrap(why, WIDTH).forEach(out::println));
    }
  }

  private int fail(String sentence) {
    err.println("fareway demo: " + sentence);
    return 1;
  }
}
