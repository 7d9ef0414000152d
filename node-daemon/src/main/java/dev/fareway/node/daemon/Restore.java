package dev.fareway.node.daemon;

import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.kubernetes.ApiClient;
import dev.fareway.node.kubernetes.NodeConditionWriter;
import dev.fareway.node.kubernetes.NodeView;
import dev.fareway.node.linux.CapabilityProbe;
import dev.fareway.node.linux.MachineScheduler;
import dev.fareway.node.linux.PodCgroups;
import dev.fareway.node.linux.PodMemory;
import dev.fareway.node.linux.SchedulingCalls;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Leaves the node as it was before Fareway: what a daemon that was killed could not put back, and
 * the Node's condition. To be run while no daemon runs there.
 */
final class Restore {
  private static final Logger LOG = Logger.getLogger(Restore.class.getName());
  private static final long VIEW_SECONDS = 60;
  private static final long POLL_MILLIS = 50;

  private final Options options;
  private final ApiClient client;

  Restore(Options options, ApiClient client) {
    this.options = options;
    this.client = client;
  }

  /**
   * Does it once.
   *
   * @param stop counted down when it is to be given up
   * @return whether all of it could be put back
   */
  boolean run(CountDownLatch stop) throws InterruptedException {
    var problem = new PodCgroups(options.cgroupRoot).problem();
    boolean done = problem.isEmpty();
    if (done) {
      // By its notes on the cgroups alone: no pod need be known.
      done = memory();
      done &= threads(stop);
    } else {
      LOG.log(Level.WARNING, "Nothing is put back: {0}", problem.get());
    }
    done &= condition();
    LOG.info(done ? "All is as it was before Fareway" : "Not all could be put back; see above");
    return done;
  }

  private boolean memory() {
    try (var memory = new PodMemory(options.cgroupRoot)) {
      memory.pods().values().forEach(memory::restore);
      return true;
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Memory settings are not put back: {0}", e.getMessage());
      return false;
    }
  }

  /** Only in pods that are functions: others may run real-time threads of their own. */
  private boolean threads(CountDownLatch stop) throws InterruptedException {
    var calls = new SchedulingCalls();
    var scheduler =
        new MachineScheduler(
            new PodCgroups(options.cgroupRoot),
            calls,
            Enforcement.choose(
                options.mode.mode(), new CapabilityProbe(calls).probe(options.cgroupRoot)),
            options.dryRun);
    try (var view = new NodeView(client, options.nodeName(), () -> {})) {
      view.start();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(VIEW_SECONDS);
      while (!view.isSynced()) {
        if (System.nanoTime() > end || stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
          LOG.log(
              Level.WARNING,
              "Threads are not put back: the API server did not say within {0} s which pods are functions",
              VIEW_SECONDS);
          return false;
        }
      }
      boolean all = true;
      for (FunctionPod pod : view.functionPods().values()) {
        all &= scheduler.restoreLeft(pod);
      }
      return all;
    }
  }

  private boolean condition() {
    if (options.dryRun) {
      return true;
    }
    try {
      new NodeConditionWriter(client, options.nodeName(), Clock.systemUTC()).remove();
      return true;
    } catch (IOException e) {
      LOG.log(
          Level.WARNING,
          "The condition {0} is not taken off Node {1}: {2}",
          new Object[] {NodeConditionWriter.TYPE, options.nodeName(), e.getMessage()});
      return false;
    }
  }
}
