package dev.fareway.e2e.runner;

import dev.fareway.e2e.runner.ContainerRun.State;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one pod from its binding to its end, on a thread of its own.
 *
 * <p>All that happens to the pod goes through a queue, and only the thread touches the runs.
 */
final class PodWorker {

  private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);
  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);
  private static final int STATUS_ATTEMPTS = 10;
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(200);
  private static final int ID_BYTES = 32;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final KubernetesClient client;
  private final ProcessRunnerOptions options;
  private final Optional<CgroupTree> cgroups;
  private final Pod pod;
  private final Runnable whenEnded;
  private final QosClass qos;
  private final Instant start = Instant.now();
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Map<String, ContainerRun> runs = new LinkedHashMap<>();
  private final Map<String, ContainerProcess> processes = new ConcurrentHashMap<>();
  private final Thread thread;

  private sealed interface Event {
    /** The process of this run ended. */
    record Exited(String container, String id, int exitCode) implements Event {}

    /** A container is to be started again. */
    record StartAgain(String container) implements Event {}

    /** The pod is being deleted. */
    record Delete(Duration grace) implements Event {}

    /** The pod is no longer at the API server, or the runner ends. */
    record Gone(Duration grace) implements Event {}
  }

  PodWorker(
      KubernetesClient client,
      ProcessRunnerOptions options,
      Optional<CgroupTree> cgroups,
      Pod pod,
      Runnable whenEnded) {
    this.client = client;
    this.options = options;
    this.cgroups = cgroups;
    this.pod = pod;
    this.whenEnded = whenEnded;
    this.qos = QosClass.of(pod);
    for (Container container : pod.getSpec().getContainers()) {
      runs.put(container.getName(), ContainerRun.created(container));
    }
    this.thread = Thread.ofPlatform().daemon().name("pod " + name()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** The pod is as the API server now says. */
  void changed(Pod now) {
    if (now.getMetadata().getDeletionTimestamp() != null) {
      Long seconds = now.getMetadata().getDeletionGracePeriodSeconds();
      events.add(new Event.Delete(seconds == null ? DEFAULT_GRACE : Duration.ofSeconds(seconds)));
    }
  }

  /** Ends the pod's processes without a word to the API server. */
  void end(Duration grace) {
    events.add(new Event.Gone(grace));
  }

  /** Waits until the pod's processes and cgroups are gone. */
  boolean waitEnded(Duration bound) throws InterruptedException {
    return thread.join(bound);
  }

  /** The process of each container that runs. */
  Map<String, Long> pids() {
    Map<String, Long> result = new LinkedHashMap<>();
    processes.forEach((name, process) -> result.put(name, process.pid()));
    return result;
  }

  static Path log(Path folder, Pod pod, String container) {
    var metadata = pod.getMetadata();
    return folder
        .resolve("pods")
        .resolve(
            "%s_%s_%s".formatted(metadata.getNamespace(), metadata.getName(), metadata.getUid()))
        .resolve(container + ".log");
  }

  private String name() {
    return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
  }

  private void run() {
    try {
      boolean more = begin();
      while (more) {
        more = handle(events.take());
      }
    } catch (InterruptedException e) {
      stopAll(Duration.ZERO);
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("The process runner gave up on pod {}", name(), e);
      stopAll(Duration.ZERO);
    } finally {
      whenEnded.run();
    }
  }

  private boolean begin() {
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      deleteObject();
      return false;
    }
    List.copyOf(runs.keySet()).forEach(this::startContainer);
    report();
    return true;
  }

  /** Returns whether there is more to come. */
  private boolean handle(Event event) {
    return switch (event) {
      case Event.Exited exited -> {
        exited(exited);
        yield true;
      }
      case Event.StartAgain again -> {
        startContainer(again.container());
        report();
        yield true;
      }
      case Event.Delete delete -> {
        stopAll(delete.grace());
        recordExits();
        report();
        deleteObject();
        yield false;
      }
      case Event.Gone gone -> {
        stopAll(gone.grace());
        yield false;
      }
    };
  }

  private ContainerRun runOf(String container) {
    ContainerRun run = runs.get(container);
    if (run == null) {
      throw new IllegalStateException(name() + " has no container " + container);
    }
    return run;
  }

  private void startContainer(String containerName) {
    ContainerRun run = runOf(containerName);
    Container container = run.container();
    byte[] bytes = new byte[ID_BYTES];
    ThreadLocalRandom.current().nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    try {
      Map<String, String> variables = ContainerEnvironment.variables(pod, container);
      List<String> command = ContainerEnvironment.command(container, variables);
      if (command.isEmpty()) {
        throw new IllegalArgumentException(
            "the process runner pulls no images, so container "
                + containerName
                + " needs a command");
      }
      Optional<Path> cgroup = Optional.empty();
      if (cgroups.isPresent()) {
        cgroup = Optional.of(cgroups.get().make(pod.getMetadata().getUid(), qos, id));
      }
      String folder = container.getWorkingDir();
      ContainerProcess process =
          ContainerProcess.start(
              command,
              variables,
              Path.of(folder == null || folder.isEmpty() ? "/" : folder),
              cgroup,
              log(options.logFolder(), pod, containerName));
      processes.put(containerName, process);
      runs.put(containerName, run.started(id, Instant.now()));
      var _ =
          process
              .onExit()
              .thenAccept(exitCode -> events.add(new Event.Exited(containerName, id, exitCode)));
    } catch (IOException | IllegalArgumentException e) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      LOG.warn("Container {} of pod {} can't be started: {}", containerName, name(), message);
      runs.put(containerName, run.refused(message));
    }
  }

  private void exited(Event.Exited exited) {
    ContainerRun run = runOf(exited.container());
    if (!run.id().equals(exited.id()) || !(run.state() instanceof State.Running)) {
      return;
    }
    ContainerProcess process = processes.remove(exited.container());
    if (process != null) {
      process.cleanUp();
    }
    Optional<Duration> wait = waitBeforeRestart(run, exited.exitCode());
    runs.put(exited.container(), run.ended(exited.exitCode(), Instant.now(), wait));
    wait.ifPresent(time -> later(new Event.StartAgain(exited.container()), time));
    if (PodStatuses.isOver(PodStatuses.phase(List.copyOf(runs.values())))) {
      removePodCgroup();
    }
    report();
  }

  private Optional<Duration> waitBeforeRestart(ContainerRun run, int exitCode) {
    String policy = pod.getSpec().getRestartPolicy();
    boolean restart =
        policy == null || policy.equals("Always") || (policy.equals("OnFailure") && exitCode != 0);
    if (!restart) {
      return Optional.empty();
    }
    Duration wait = options.firstBackoff();
    for (int i = 0; i < run.restarts() && wait.compareTo(options.longestBackoff()) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    return Optional.of(
        wait.compareTo(options.longestBackoff()) < 0 ? wait : options.longestBackoff());
  }

  private void later(Event event, Duration wait) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                TimeUnit.NANOSECONDS.sleep(wait.toNanos());
                events.add(event);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void stopAll(Duration grace) {
    Stream<Thread> stops =
        processes.values().stream()
            .map(process -> Thread.ofVirtual().start(() -> process.stop(grace)));
    for (Thread stop : stops.toList()) {
      try {
        stop.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    processes.clear();
    removePodCgroup();
  }

  private void recordExits() {
    for (Event event = events.poll(); event != null; event = events.poll()) {
      if (event instanceof Event.Exited exited) {
        ContainerRun run = runOf(exited.container());
        if (run.id().equals(exited.id()) && run.state() instanceof State.Running) {
          runs.put(
              exited.container(), run.ended(exited.exitCode(), Instant.now(), Optional.empty()));
        }
      }
    }
  }

  private void removePodCgroup() {
    if (cgroups.isEmpty()) {
      return;
    }
    try {
      cgroups.get().removePod(pod.getMetadata().getUid(), qos);
    } catch (IOException e) {
      LOG.warn("The cgroup of pod {} can't be removed: {}", name(), e.toString());
    }
  }

  // --- the API server

  /** Writes the status over what others wrote of it, and again when they came between. */
  private void report() {
    for (int attempt = 0; attempt < STATUS_ATTEMPTS; attempt++) {
      try {
        Pod current = client.resource(pod).get();
        if (current == null || !isSame(current)) {
          return; // Deleted: its event follows.
        }
        client
            .resource(
                new PodBuilder(current)
                    .withStatus(
                        PodStatuses.of(
                            current.getStatus(),
                            qos,
                            List.copyOf(runs.values()),
                            start,
                            Instant.now()))
                    .build())
            .updateStatus();
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() == NOT_FOUND) {
          return;
        }
        if (e.getCode() != CONFLICT) {
          LOG.warn("The status of pod {} can't be written yet: {}", name(), e.getMessage());
          pause();
        }
      }
    }
  }

  private void deleteObject() {
    for (int attempt = 0; attempt < STATUS_ATTEMPTS; attempt++) {
      try {
        Pod current = client.resource(pod).get();
        if (current != null && isSame(current)) {
          client.resource(pod).withGracePeriod(0).delete();
        }
        return;
      } catch (KubernetesClientException e) {
        LOG.warn("Pod {} can't be removed yet: {}", name(), e.getMessage());
        pause();
      }
    }
  }

  private boolean isSame(Pod other) {
    return other.getMetadata().getUid().equals(pod.getMetadata().getUid());
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(BETWEEN_ATTEMPTS.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
