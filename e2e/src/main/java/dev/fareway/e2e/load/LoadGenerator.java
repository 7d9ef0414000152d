package dev.fareway.e2e.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The load generator's process: reads a plan, warms up, sends the plan's requests and writes what
 * became of each.
 *
 * <p>It runs at a real-time priority above the functions it measures, and says so if it can't: a
 * late answer is then a late function and not a late measurement. On standard output it says, a
 * line each: {@code priority P} or {@code priority normal: REASON}; {@code progress MILLIS SENT
 * DONE FAILED} twice a second; {@code done} at the end. It ends when its standard input does, so it
 * never outlives who started it.
 */
public final class LoadGenerator {
  /**
   * Above the functions' (at most 39 and one for a sidecar), below the kernel's own threads (50).
   */
  public static final int PRIORITY = 45;

  private static final long WARM_UP_MILLIS = 3_000;
  private static final long WARM_UP_SEED = 1;
  private static final long PROGRESS_MILLIS = 500;

  private LoadGenerator() {}

  /** Runs the plan in the file named first, writes the record to the file named second. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length != 2) {
      System.err.println("usage: LoadGenerator PLAN.json RECORD");
      System.exit(2);
    }
    Path out = Path.of(args[1]);
    try {
      LoadPlan plan =
          new ObjectMapper().readValue(Files.readAllBytes(Path.of(args[0])), LoadPlan.class);
      Thread.ofPlatform().daemon().name("load-lifeline").start(LoadGenerator::endWithInput);
      List<Sample> samples = run(plan);
      Path part = out.resolveSibling(out.getFileName() + ".part");
      Samples.write(part, samples);
      Files.move(part, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      System.out.println("done");
    } catch (IOException e) {
      System.err.println("load generator: " + e);
      System.exit(1);
    }
  }

  private static List<Sample> run(LoadPlan plan) throws IOException, InterruptedException {
    List<Arrival> arrivals = Arrivals.of(plan);
    try (OpenLoop loop = new OpenLoop(plan)) {
      Optional<String> refused = RealtimePriority.raiseProcess(PRIORITY);
      System.out.println("priority " + refused.map(why -> "normal: " + why).orElse("" + PRIORITY));
      warmUp(plan, loop);
      Recorder recorder = new Recorder(arrivals);
      Thread progress =
          Thread.ofPlatform().daemon().name("load-progress").start(() -> tell(recorder));
      loop.run(arrivals, recorder, plan.patienceMillis());
      progress.interrupt();
      progress.join();
      return recorder.samples();
    }
  }

  /** Short requests to every class, so that all code on the way is compiled before it counts. */
  private static void warmUp(LoadPlan plan, OpenLoop loop)
      throws IOException, InterruptedException {
    List<Stream> streams = new ArrayList<>();
    for (Stream stream : plan.streams()) {
      streams.add(
          new Stream(
              stream.name(),
              stream.targets(),
              new RunTimes(2, 20, 400),
              List.of(plan.warmUpPerSecond() * stream.targets().size()),
              stream.headers()));
    }
    List<Arrival> arrivals =
        Arrivals.of(
            new LoadPlan(
                WARM_UP_SEED,
                List.of(new Phase("warm-up", Math.min(WARM_UP_MILLIS, plan.totalMillis()))),
                streams,
                plan.patienceMillis()));
    Recorder recorder = new Recorder(arrivals);
    loop.run(arrivals, recorder, plan.patienceMillis());
    if (recorder.failedCount() > 0) {
      throw new IOException(recorder.failedCount() + " requests of the warm-up failed");
    }
  }

  private static void tell(Recorder recorder) {
    long start = System.nanoTime();
    try {
      while (true) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        System.out.println(
            String.join(
                " ",
                "progress",
                "" + millis,
                "" + recorder.sentCount(),
                "" + recorder.completedCount(),
                "" + recorder.failedCount()));
        Thread.sleep(PROGRESS_MILLIS);
      }
    } catch (InterruptedException e) {
      // All is answered.
    }
  }

  private static void endWithInput() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is expected; only the end counts.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    Runtime.getRuntime().halt(3);
  }
}
