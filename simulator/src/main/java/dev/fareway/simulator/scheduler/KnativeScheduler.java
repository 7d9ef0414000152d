package dev.fareway.simulator.scheduler;

import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.IntDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knative Serving: each function has a central queue (the activator) and pods, each of which works
 * on one request at a time and has a bounded queue of its own. A request goes to a pod that is
 * free, else into the shortest pod queue with room, else it waits centrally. Every 2 s the
 * autoscaler sets the number of pods by the requests in the system, averaged over a stable window
 * of 60 s, or a panic window of 6 s when that asks for twice as many pods as there are. A new pod
 * goes to the machine with the fewest; machines share their processors among the pods.
 *
 * <p>Source: knative/serving, {@code pkg/activator/net} and {@code pkg/autoscaler/scaling}, with
 * its defaults: 70% of a pod's concurrency as the target, at most twice fewer pods at a time, 30 s
 * until the last pod goes; and 110 pods a machine, as the kubelet has it. Simplified: a container
 * concurrency of 1 for all (the default is no limit, with which there is no queue at all); one
 * activator; a pod's queue holds one request (Knative's ten, which its activator does not use); no
 * start is cold.
 */
final class KnativeScheduler implements Scheduler {
  static final int PODS_PER_MACHINE = 110;
  private static final int POD_QUEUE = 1;
  private static final double TARGET = 0.7;
  private static final long TICK_NANOS = 2_000_000_000L;
  private static final int STABLE_TICKS = 30;
  private static final int PANIC_TICKS = 3;
  private static final double PANIC_THRESHOLD = 2;
  private static final int LAST_POD_TICKS = 15;

  private static final class Pod {
    final Revision revision;
    final int machine;
    final IntDeque queue = new IntDeque();
    boolean busy;
    boolean leaving;

    Pod(Revision revision, int machine) {
      this.revision = revision;
      this.machine = machine;
    }

    int requests() {
      return queue.size() + (busy ? 1 : 0);
    }
  }

  /** A function: its pods, its queue, and what the autoscaler knows of it. */
  private static final class Revision {
    final List<Pod> pods = new ArrayList<>();
    final IntDeque waiting = new IntDeque();
    final double[] averages = new double[STABLE_TICKS];
    int ticks;
    int inSystem;
    long changedNanos;
    double requestNanos;
    int panicUntilTick = -1;
    int idleTicks;

    void count(int more, long nowNanos) {
      requestNanos += (double) inSystem * (nowNanos - changedNanos);
      changedNanos = nowNanos;
      inSystem += more;
    }

    double average(int window) {
      int last = Math.min(window, ticks);
      double sum = 0;
      for (int i = 1; i <= last; i++) {
        sum += averages[(ticks - i) % STABLE_TICKS];
      }
      return last == 0 ? 0 : sum / last;
    }
  }

  private final Simulation simulation;
  private final List<@Nullable Revision> revisions = new ArrayList<>();
  private final int[] podsOnMachine;

  /** By row: the pod it was sent to. */
  private final List<@Nullable Pod> podOf = new ArrayList<>();

  KnativeScheduler(Simulation simulation) {
    this.simulation = simulation;
    this.podsOnMachine = new int[simulation.machines()];
    simulation.later(TICK_NANOS, 0, 0);
  }

  @Override
  public void arrived(int function) {
    Revision revision = revision(simulation.functions().kind[function]);
    revision.count(1, simulation.nowNanos());
    if (revision.pods.isEmpty()) {
      // From zero the activator asks for a pod itself.
      scaleUp(revision);
    }
    Pod pod = choose(revision);
    if (pod == null) {
      revision.waiting.addLast(function);
    } else if (pod.busy) {
      pod.queue.addLast(function);
    } else {
      start(function, pod);
    }
  }

  @Override
  public void ended(int function, int machine) {
    Pod pod = podOf.get(function);
    if (pod == null) {
      throw new IllegalStateException("function %d was in no pod".formatted(function));
    }
    podOf.set(function, null);
    pod.busy = false;
    pod.revision.count(-1, simulation.nowNanos());
    serve(pod);
  }

  @Override
  public void due(int subject, long detail) {
    for (Revision revision : revisions) {
      if (revision != null) {
        scale(revision);
      }
    }
    simulation.later(TICK_NANOS, 0, 0);
  }

  private void start(int function, Pod pod) {
    pod.busy = true;
    while (podOf.size() <= function) {
      podOf.add(null);
    }
    podOf.set(function, pod);
    simulation.send(function, pod.machine);
  }

  /** A pod has become free, or is new: it takes what waits. */
  private void serve(Pod pod) {
    Revision revision = pod.revision;
    if (!pod.busy && pod.queue.size() > 0) {
      start(pod.queue.removeFirst(), pod);
    } else if (!pod.busy && pod.leaving) {
      leave(pod);
      return;
    }
    while (!pod.leaving && revision.waiting.size() > 0 && pod.requests() <= POD_QUEUE) {
      int function = revision.waiting.removeFirst();
      if (pod.busy) {
        pod.queue.addLast(function);
      } else {
        start(function, pod);
      }
    }
  }

  private static @Nullable Pod choose(Revision revision) {
    Pod best = null;
    for (Pod pod : revision.pods) {
      if (!pod.leaving
          && pod.requests() <= POD_QUEUE
          && (best == null || pod.requests() < best.requests())) {
        best = pod;
      }
    }
    return best;
  }

  private void scale(Revision revision) {
    revision.count(0, simulation.nowNanos());
    revision.averages[revision.ticks % STABLE_TICKS] = revision.requestNanos / TICK_NANOS;
    revision.requestNanos = 0;
    revision.ticks++;
    int ready = ready(revision);
    int stable = (int) Math.ceil(revision.average(STABLE_TICKS) / TARGET);
    int panic = (int) Math.ceil(revision.average(PANIC_TICKS) / TARGET);
    if (panic >= PANIC_THRESHOLD * ready && panic > ready) {
      revision.panicUntilTick = revision.ticks + STABLE_TICKS;
    }
    boolean panics = revision.ticks < revision.panicUntilTick;
    int wanted = panics ? Math.max(panic, ready) : Math.max(stable, ready / 2);
    revision.idleTicks = stable == 0 && revision.inSystem == 0 ? revision.idleTicks + 1 : 0;
    if (wanted == 0 && revision.idleTicks < LAST_POD_TICKS) {
      wanted = Math.min(1, ready);
    }
    while (ready < wanted && scaleUp(revision)) {
      ready++;
    }
    for (; ready > wanted; ready--) {
      scaleDown(revision);
    }
  }

  private static int ready(Revision revision) {
    int ready = 0;
    for (Pod pod : revision.pods) {
      ready += pod.leaving ? 0 : 1;
    }
    return ready;
  }

  /** Whether there was a machine for one more. */
  private boolean scaleUp(Revision revision) {
    int machine = 0;
    for (int i = 1; i < podsOnMachine.length; i++) {
      if (podsOnMachine[i] < podsOnMachine[machine]) {
        machine = i;
      }
    }
    // The first pod of a function always finds a place: no function waits for ever.
    if (podsOnMachine[machine] >= PODS_PER_MACHINE && !revision.pods.isEmpty()) {
      return false;
    }
    var pod = new Pod(revision, machine);
    podsOnMachine[machine]++;
    revision.pods.add(pod);
    serve(pod);
    return true;
  }

  /** The one with the least to do goes, as soon as that is done. */
  private void scaleDown(Revision revision) {
    Pod least = null;
    for (Pod pod : revision.pods) {
      if (!pod.leaving && (least == null || pod.requests() < least.requests())) {
        least = pod;
      }
    }
    if (least != null) {
      least.leaving = true;
      if (least.requests() == 0) {
        leave(least);
      }
    }
  }

  private void leave(Pod pod) {
    pod.revision.pods.remove(pod);
    podsOnMachine[pod.machine]--;
    if (pod.revision.pods.isEmpty() && pod.revision.waiting.size() > 0) {
      scaleUp(pod.revision);
    }
  }

  private Revision revision(int kind) {
    while (revisions.size() <= kind) {
      revisions.add(null);
    }
    Revision revision = revisions.get(kind);
    if (revision == null) {
      revision = new Revision();
      revision.changedNanos = simulation.nowNanos();
      revisions.set(kind, revision);
      // A revision begins with one pod.
      scaleUp(revision);
    }
    return revision;
  }
}
