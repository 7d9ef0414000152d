package dev.fareway.e2e.runner;

import dev.fareway.e2e.runner.ContainerRun.State;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateTerminatedBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a pod's status says of its containers' runs. */
final class PodStatuses {

  /** All pods are on the loopback interface. */
  static final String ADDRESS = "127.0.0.1";

  private static final String ID_PREFIX = "containerd://";
  private static final List<String> OWN_CONDITIONS =
      List.of("Initialized", "ContainersReady", "Ready");

  private PodStatuses() {}

  /**
   * The status of a pod with these runs.
   *
   * @param before the pod's status so far; conditions of others are kept
   */
  static PodStatus of(
      @Nullable PodStatus before,
      QosClass qos,
      List<ContainerRun> runs,
      Instant start,
      Instant now) {
    String phase = phase(runs);
    boolean running = runs.stream().allMatch(run -> run.state() instanceof State.Running);
    List<PodCondition> old = before == null ? List.of() : before.getConditions();
    List<PodCondition> conditions = new ArrayList<>();
    for (PodCondition condition : old) {
      if (!OWN_CONDITIONS.contains(condition.getType())) {
        conditions.add(condition);
      }
    }
    Optional<String> reason =
        running
            ? Optional.empty()
            : Optional.of(isOver(phase) ? "PodCompleted" : "ContainersNotReady");
    conditions.add(condition(old, "Initialized", true, Optional.empty(), now));
    conditions.add(condition(old, "ContainersReady", running, reason, now));
    conditions.add(condition(old, "Ready", running, reason, now));
    return new PodStatusBuilder()
        .withPhase(phase)
        .withConditions(conditions)
        .withHostIP(ADDRESS)
        .withPodIP(ADDRESS)
        .withPodIPs(new PodIP(ADDRESS))
        .withQosClass(qos.word())
        .withStartTime(text(start))
        .withContainerStatuses(runs.stream().map(PodStatuses::status).toList())
        .build();
  }

  /** Whether a pod in this phase stays in it. */
  static boolean isOver(@Nullable String phase) {
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }

  static String phase(List<ContainerRun> runs) {
    boolean failed = false;
    boolean refused = false;
    for (ContainerRun run : runs) {
      switch (run.state()) {
        case State.Running running -> {
          return "Running";
        }
        case State.BackingOff backingOff -> {
          return "Running";
        }
        case State.Created created -> {
          return "Pending";
        }
        case State.Refused notStarted -> refused = true;
        case State.Ended ended -> failed |= ended.exitCode() != 0;
      }
    }
    return refused ? "Pending" : failed ? "Failed" : "Succeeded";
  }

  private static PodCondition condition(
      List<PodCondition> old, String type, boolean value, Optional<String> reason, Instant now) {
    String status = value ? "True" : "False";
    String since =
        old.stream()
            .filter(condition -> condition.getType().equals(type))
            .filter(condition -> condition.getStatus().equals(status))
            .map(PodCondition::getLastTransitionTime)
            .findFirst()
            .orElse(text(now));
    return new PodConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(reason.orElse(null))
        .withLastTransitionTime(since)
        .build();
  }

  private static ContainerStatus status(ContainerRun run) {
    boolean running = run.state() instanceof State.Running;
    String image = run.container().getImage() == null ? "" : run.container().getImage();
    var status =
        new ContainerStatusBuilder()
            .withName(run.name())
            .withImage(image)
            .withImageID("")
            .withRestartCount(run.restarts())
            .withReady(running)
            .withStarted(running)
            .withContainerID(run.id().isEmpty() ? null : ID_PREFIX + run.id())
            .withState(state(run));
    run.last()
        .ifPresent(
            last ->
                status.withLastState(
                    new ContainerStateBuilder().withTerminated(terminated(last)).build()));
    return status.build();
  }

  private static ContainerState state(ContainerRun run) {
    var builder = new ContainerStateBuilder();
    return switch (run.state()) {
      case State.Created created ->
          builder.withNewWaiting().withReason("ContainerCreating").endWaiting().build();
      case State.Refused refused ->
          builder
              .withNewWaiting()
              .withReason("CreateContainerError")
              .withMessage(refused.message())
              .endWaiting()
              .build();
      case State.Running running ->
          builder.withNewRunning().withStartedAt(text(running.since())).endRunning().build();
      case State.Ended ended -> builder.withTerminated(terminated(ended)).build();
      case State.BackingOff backingOff ->
          builder
              .withNewWaiting()
              .withReason("CrashLoopBackOff")
              .withMessage(
                  "exited with status %d; starts again in %d ms"
                      .formatted(backingOff.ended().exitCode(), backingOff.delay().toMillis()))
              .endWaiting()
              .build();
    };
  }

  private static ContainerStateTerminated terminated(State.Ended ended) {
    return new ContainerStateTerminatedBuilder()
        .withExitCode(ended.exitCode())
        .withReason(ended.exitCode() == 0 ? "Completed" : "Error")
        .withStartedAt(text(ended.started()))
        .withFinishedAt(text(ended.finished()))
        .withContainerID(ID_PREFIX + ended.id())
        .build();
  }

  static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
