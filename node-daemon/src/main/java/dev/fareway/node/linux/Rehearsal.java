package dev.fareway.node.linux;

import dev.fareway.node.core.BudgetCap;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Enforces a pod of the daemon's own some hundred times before there is one in earnest: the code is
 * compiled then, and a node's first crowd of functions does not wait for that.
 *
 * <p>In small parts, so that who owns the thread can do what matters between them.
 */
public final class Rehearsal implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Rehearsal.class.getName());

  /** More than it takes the compiler to take notice of a method (200 calls). */
  private static final int ROUNDS = 250;

  private static final int ROUNDS_IN_A_PART = 5;
  private static final String UID = "00000000-0000-4000-8000-000000000000";

  private final Path own;
  private final Path container;
  private final MachineScheduler scheduler;
  private final FunctionPod pod;
  private @Nullable Process child;
  private int done;
  private boolean closed;

  /** Prepared; nothing is on the node yet. */
  public Rehearsal(Path cgroupRoot, SchedulingCalls calls, Enforcement enforcement) {
    own =
        cgroupRoot.resolve(
            "%srehearsal-%d".formatted(CapabilityProbe.PREFIX, ProcessHandle.current().pid()));
    container = own.resolve("kubepods").resolve("pod" + UID).resolve("0".repeat(64));
    scheduler = new MachineScheduler(new PodCgroups(own), calls, enforcement, false);
    pod =
        new FunctionPod(
            new PodRef("none", "rehearsal", UID),
            "rehearsal",
            new PricedClass("none", 0, false, new ClassStanding(1, OptionalInt.of(1), 100)),
            Map.of("0".repeat(64), "none"),
            false,
            BudgetCap.NONE);
  }

  /** Does the next part; whether there is more to do. */
  public boolean part() {
    if (closed) {
      return false;
    }
    try {
      if (child == null) {
        Files.createDirectories(container);
        child = new ProcessBuilder(CapabilityProbe.CHILD).start();
        Files.writeString(container.resolve("cgroup.procs"), Long.toString(child.pid()));
      }
      for (int i = 0; i < ROUNDS_IN_A_PART; i++) {
        scheduler.put(pod);
        scheduler.look(UID, container);
        scheduler.remove(UID);
        done++;
      }
      return done < ROUNDS;
    } catch (IOException e) {
      LOG.log(Level.FINE, "nothing is rehearsed", e);
      return false;
    }
  }

  /** Removes all that was made; on the thread of the parts. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    endChild();
    if (Files.exists(own)) {
      CapabilityProbe.remove(own);
    }
  }

  void endChild() {
    Process started = child;
    if (started != null) {
      started.destroyForcibly();
      started.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(_ -> null).join();
    }
  }
}
