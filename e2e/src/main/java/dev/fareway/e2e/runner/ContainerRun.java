package dev.fareway.e2e.runner;

import io.fabric8.kubernetes.api.model.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A container of a pod over its runs.
 *
 * @param container what is run
 * @param id of the latest run; empty before the first
 * @param restarts how often it was started again
 * @param state of the latest run
 * @param last how the run before ended, if there was one
 */
record ContainerRun(
    Container container, String id, int restarts, State state, Optional<State.Ended> last) {

  /** Where a run is. */
  sealed interface State {
    /** Not started yet. */
    record Created() implements State {}

    /** It can't be started. */
    record Refused(String message) implements State {}

    /** Its process runs. */
    record Running(Instant since) implements State {}

    /** Its process ended; the id is the run's. */
    record Ended(String id, int exitCode, Instant started, Instant finished) implements State {}

    /** Its process ended, and is started again in a while. */
    record BackingOff(Ended ended, Duration delay) implements State {}
  }

  static ContainerRun created(Container container) {
    return new ContainerRun(container, "", 0, new State.Created(), Optional.empty());
  }

  String name() {
    return container.getName();
  }

  ContainerRun started(String runId, Instant now) {
    return switch (state) {
      case State.Created created ->
          new ContainerRun(container, runId, 0, new State.Running(now), last);
      case State.Refused refused ->
          new ContainerRun(container, runId, 0, new State.Running(now), last);
      case State.Running running -> throw new IllegalStateException(name() + " runs already");
      case State.Ended ended -> again(runId, ended, now);
      case State.BackingOff backingOff -> again(runId, backingOff.ended(), now);
    };
  }

  private ContainerRun again(String runId, State.Ended ended, Instant now) {
    return new ContainerRun(
        container, runId, restarts + 1, new State.Running(now), Optional.of(ended));
  }

  ContainerRun refused(String message) {
    return new ContainerRun(container, id, restarts, new State.Refused(message), last);
  }

  /** It ended; it is started again after the wait, if there is one. */
  ContainerRun ended(int exitCode, Instant now, Optional<Duration> wait) {
    Instant started = state instanceof State.Running running ? running.since() : now;
    var ended = new State.Ended(id, exitCode, started, now);
    State next = wait.<State>map(time -> new State.BackingOff(ended, time)).orElse(ended);
    return new ContainerRun(container, id, restarts, next, last);
  }
}
