package dev.fareway.node.meter;

import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.meter.Amounts;
import dev.fareway.node.core.meter.Meter;
import dev.fareway.node.core.meter.MeterState;
import dev.fareway.node.core.meter.Reading;
import dev.fareway.node.core.meter.UsageKey;
import dev.fareway.node.core.meter.UsageStore;
import dev.fareway.node.core.meter.UsageWrite;
import dev.fareway.node.linux.PodCgroups;
import dev.fareway.node.linux.PodCounters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Meters the pods of this node: reads their cgroups when something happens to them and every few
 * seconds, and writes the node's usage when it has changed enough.
 *
 * <p>One thread, {@code meter}, owns all state; calls only leave word.
 */
public final class Metering {
  private static final Logger LOG = Logger.getLogger(Metering.class.getName());
  private static final long LOOK_SECONDS = 10;

  /** How long a pod is read of which the API server has not told. */
  private static final long UNOWNED_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How long what such a pod has used is kept once it has ended. */
  private static final long WAITING_NANOS = TimeUnit.MINUTES.toNanos(10);

  /**
   * Of a node that runs longer than this, what its pods used before the first daemon is not
   * charged.
   */
  private static final long BOOT_SECONDS = TimeUnit.MINUTES.toSeconds(15);

  /**
   * So soon the state is kept after the last process of a pod has ended; several ends go together.
   */
  private static final long KEEP_MILLIS = 20;

  private static final long STOP_SECONDS = 3;
  private static final int LAST_ROUNDS = 3;

  private final PodCgroups cgroups;
  private final MeterNote note;
  private final UsageWriter writer;
  private final Clock clock;
  private final WritePace pace;
  private final Meter meter;
  private final boolean anew;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("meter").daemon().factory());

  private Map<String, Path> directories = new HashMap<>();
  private final Map<String, Long> unownedSince = new HashMap<>();
  private final Set<String> ending = new HashSet<>();
  private Map<String, FunctionPod> pods = Map.of();
  private boolean keepQueued;
  private boolean asking;
  private long refusalsTold;
  private volatile String metrics = "";

  /**
   * What can be set.
   *
   * @param memoryPrice price of holding a GiB for a second, in nano-units
   * @param writeSeconds the least time between two writes of the node's usage, 1 or more
   * @param dryRun whether nothing may be kept on the node
   */
  public record Options(long memoryPrice, int writeSeconds, boolean dryRun) {}

  /**
   * A metering that is not yet started.
   *
   * @param cgroupRoot the directory that holds {@code kubepods.slice} or {@code kubepods}
   */
  public Metering(Path cgroupRoot, UsageStore store, Clock clock, Options options) {
    this.cgroups = new PodCgroups(cgroupRoot);
    this.note = new MeterNote(cgroupRoot, options.dryRun());
    this.writer = new UsageWriter(store);
    this.clock = clock;
    this.pace = new WritePace(TimeUnit.SECONDS.toNanos(options.writeSeconds()));
    Optional<MeterState> left = note.read();
    this.anew = left.isEmpty() && PodCounters.uptimeSeconds() > BOOT_SECONDS;
    this.meter = new Meter(options.memoryPrice(), left.orElse(MeterState.EMPTY));
  }

  /** Starts. */
  public void start() {
    // Here, and not on the thread: what appears once this has returned is new.
    safely(this::begin);
    var _ =
        thread.scheduleWithFixedDelay(
            () -> safely(this::look), LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    long period = Math.min(LOOK_SECONDS, pace.seconds());
    var _ =
        thread.scheduleWithFixedDelay(
            () -> safely(() -> write(false)), period, period, TimeUnit.SECONDS);
  }

  /** These are the function pods of this node now, each in the class that it runs in. */
  public void put(Map<String, FunctionPod> functionPods) {
    onThread(() -> take(functionPods));
  }

  /** The class of a pod that is known has changed. */
  public void put(FunctionPod pod) {
    onThread(
        () -> {
          if (pods.containsKey(pod.uid())) {
            var changed = new HashMap<>(pods);
            changed.put(pod.uid(), pod);
            take(changed);
          }
        });
  }

  /** A pod's cgroup has appeared, or something has happened in it. */
  public void changed(String uid) {
    onThread(() -> happened(uid));
  }

  /** In Prometheus' text format. */
  public String metrics() {
    return metrics;
  }

  /** Reads all once more, writes what can be written in a few seconds, and ends. */
  public void stop() throws InterruptedException {
    onThread(this::look);
    boolean unsettled = true;
    // The stored pages may have to be read first, and read again after a lost answer.
    for (int round = 0; unsettled && round < LAST_ROUNDS; round++) {
      onThread(() -> write(true));
      unsettled = settle();
    }
    if (unsettled) {
      LOG.info("The last usage is not yet written; the next daemon does it");
    }
    writer.close();
    thread.shutdown();
    if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
      thread.shutdownNow();
    }
  }

  /** Waits for what is under way; whether something is left to write. */
  private boolean settle() throws InterruptedException {
    var left = new AtomicBoolean(true);
    for (int i = 0; i < 2; i++) {
      var reached = new CountDownLatch(1);
      onThread(
          () -> {
            left.set(!meter.unsettledMonths().isEmpty());
            reached.countDown();
          });
      if (!reached.await(STOP_SECONDS, TimeUnit.SECONDS) || !writer.drain(STOP_SECONDS)) {
        return true;
      }
    }
    return left.get();
  }

  private void begin() {
    find();
    for (var pod : directories.entrySet()) {
      if (anew) {
        PodCounters.read(pod.getValue(), System.nanoTime())
            .ifPresent(reading -> meter.skip(pod.getKey(), reading));
      } else {
        read(pod.getKey());
      }
    }
    endMissing();
    note.write(meter.state());
  }

  private void take(Map<String, FunctionPod> functionPods) {
    String month = month();
    for (FunctionPod pod : functionPods.values()) {
      FunctionPod before = pods.get(pod.uid());
      if (before == null
          || !before.priceClass().equals(pod.priceClass())
          || !before.function().equals(pod.function())) {
        read(pod.uid());
        meter.put(pod, month);
        unownedSince.remove(pod.uid());
      }
    }
    pods = Map.copyOf(functionPods);
    meter.retain(pods.keySet());
    if (meter.isStateDue()) {
      keepSoon();
    }
  }

  private void happened(String uid) {
    Path directory = directories.get(uid);
    if (directory == null || !Files.isDirectory(directory)) {
      directory = cgroups.find(uid).orElse(null);
      if (directory == null) {
        directories.remove(uid);
      } else {
        directories.put(uid, directory);
      }
    }
    if (directory == null) {
      meter.ended(uid);
      keepSoon();
      return;
    }
    read(uid);
    if (PodCounters.isEmpty(directory)) {
      // It may be removed any moment, and can then not be read again. But its last process has some
      // microseconds to go after the kernel has told of its end: read it once more before.
      ending.add(uid);
      keepSoon();
    }
  }

  private void look() {
    find();
    long now = System.nanoTime();
    for (String uid : directories.keySet()) {
      if (meter.isOwned(uid) || now - unownedSince.computeIfAbsent(uid, _ -> now) < UNOWNED_NANOS) {
        read(uid);
      }
    }
    endMissing();
    unownedSince
        .entrySet()
        .removeIf(
            unowned -> {
              boolean over =
                  !directories.containsKey(unowned.getKey())
                      && now - unowned.getValue() > WAITING_NANOS;
              if (over && !meter.isOwned(unowned.getKey())) {
                meter.forget(unowned.getKey());
              }
              return over;
            });
    note.write(meter.state());
    render();
  }

  private void find() {
    try {
      directories = new HashMap<>(cgroups.pods());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "The pods'' cgroups can''t be listed: {0}", e.getMessage());
    }
  }

  private void endMissing() {
    for (String uid : meter.living()) {
      if (!directories.containsKey(uid)) {
        meter.ended(uid);
      }
    }
  }

  private void read(String uid) {
    Path directory = directories.get(uid);
    if (directory != null) {
      Optional<Reading> reading = PodCounters.read(directory, System.nanoTime());
      reading.ifPresent(counters -> meter.read(uid, counters, month()));
    }
  }

  private void keepSoon() {
    if (!keepQueued && !thread.isShutdown()) {
      keepQueued = true;
      var _ =
          thread.schedule(
              () ->
                  safely(
                      () -> {
                        keepQueued = false;
                        ending.forEach(this::read);
                        ending.clear();
                        note.write(meter.state());
                      }),
              KEEP_MILLIS,
              TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Writes what is due.
   *
   * @param last whether this is the last chance
   */
  private void write(boolean last) {
    tellOfRefusals();
    if (asking && !last) {
      return;
    }
    List<String> unknown = meter.unknownMonths();
    if (!unknown.isEmpty()) {
      asking = true;
      String month = unknown.getFirst();
      writer.read(
          month,
          found ->
              onThread(
                  () -> {
                    asking = false;
                    found.ifPresent(
                        pages ->
                            meter.stored(
                                month, pages, UsageMonths.mayBeDeleted(month, clock.instant())));
                  }));
      return;
    }
    long now = System.nanoTime();
    String current = month();
    meter.unsettledMonths().stream()
        .filter(month -> UsageMonths.isClosed(month, clock.instant()))
        .forEach(month -> meter.close(month, current));
    for (String month : meter.unsettledMonths()) {
      boolean due = !month.equals(current) || meter.isSignificant(month);
      if (last || pace.allows(now, due)) {
        begin(month, now);
        if (!last) {
          return;
        }
      }
    }
  }

  private void begin(String month, long now) {
    List<UsageWrite> writes = meter.begin(month);
    if (writes.isEmpty()) {
      return;
    }
    pace.wrote(now);
    // Before the first is carried out: a daemon that is killed then knows what may have been
    // stored.
    note.write(meter.state());
    asking = true;
    writer.write(
        writes,
        stored ->
            onThread(
                () -> {
                  asking = false;
                  String current = month();
                  for (int i = 0; i < writes.size(); i++) {
                    if (stored.get(i)) {
                      meter.done(writes.get(i), current);
                    } else {
                      meter.failed(writes.get(i));
                    }
                  }
                }));
  }

  private void tellOfRefusals() {
    long refused = meter.refusedCharges();
    if (refused > refusalsTold) {
      LOG.log(
          Level.SEVERE,
          "{0} charges were not made: a sum would not have fit into 64 bits. Lower the prices, or the currency unit",
          refused);
      refusalsTold = refused;
    }
  }

  private String month() {
    return UsageMonths.of(clock.instant());
  }

  private void render() {
    metrics = MeterMetrics.render(meter.total(month()), meter.refusedCharges());
  }

  private void onThread(Runnable step) {
    if (!thread.isShutdown()) {
      thread.execute(() -> safely(step));
    }
  }

  private static void safely(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "A step of the meter failed; going on with the next", e);
    }
  }

  /** Ends as if the process were killed. For tests. */
  void kill() throws InterruptedException {
    thread.shutdownNow();
    writer.close();
    thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
  }

  /** What is charged so far this month, as far as is known here. For tests. */
  Map<UsageKey, Amounts> total() throws InterruptedException, ExecutionException {
    return thread.submit(() -> meter.total(month())).get();
  }
}
