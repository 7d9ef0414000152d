package dev.fareway.node.linux;

import dev.fareway.node.core.BudgetCap;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.Mode;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Throttles a pod that burns CPU time, for nodes that tests boot, and shows for each step what is
 * in {@code cpu.max} and what the kernel let the pod use meanwhile: a line {@code <step> <cpu.max>
 * <microseconds used> <microseconds passed>}. Arguments: the cgroup root; the pod's UID.
 */
final class ThrottleProgram {
  private static final int STEP_MILLIS = 3000;
  private static final PricedClass DEAR =
      new PricedClass("dear", 2, true, new ClassStanding(1, OptionalInt.of(1), 100));
  private static final PricedClass CHEAP =
      new PricedClass("cheap", 1, true, new ClassStanding(0, OptionalInt.empty(), 1));

  private ThrottleProgram() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    var cgroups = new PodCgroups(Path.of(args[0]));
    var calls = new SchedulingCalls();
    Enforcement enforcement =
        Enforcement.choose(Mode.AUTO, new CapabilityProbe(calls).probe(Path.of(args[0])));
    var scheduler = new MachineScheduler(cgroups, calls, enforcement, false);
    Path pod = Objects.requireNonNull(cgroups.pods().get(args[1]));
    scheduler.put(pod(args[1], OptionalInt.empty()));
    show("free", pod);
    scheduler.put(pod(args[1], OptionalInt.of(100)));
    show("ahead", pod);
    scheduler.put(pod(args[1], OptionalInt.of(1)));
    show("exhausted", pod);
    scheduler.put(pod(args[1], OptionalInt.empty()));
    show("undone", pod);
    scheduler.put(pod(args[1], OptionalInt.of(1)));
    scheduler.restoreAll();
    show("restored", pod);
    System.out.println("failures " + scheduler.failures());
  }

  private static FunctionPod pod(String uid, OptionalInt cpuMillis) {
    return new FunctionPod(
            new PodRef("test", uid, uid),
            "test",
            DEAR,
            Map.of(),
            false,
            cpuMillis.isPresent() ? new BudgetCap(Optional.of(CHEAP), cpuMillis) : BudgetCap.NONE)
        .capped();
  }

  private static void show(String step, Path pod) throws IOException, InterruptedException {
    long used = PodCgroups.cpuMicros(pod).orElseThrow();
    long began = System.nanoTime();
    Thread.sleep(STEP_MILLIS);
    System.out.printf(
        "%s %s %d %d%n",
        step,
        Files.readString(pod.resolve("cpu.max")).strip(),
        PodCgroups.cpuMicros(pod).orElseThrow() - used,
        (System.nanoTime() - began) / 1000);
  }
}
