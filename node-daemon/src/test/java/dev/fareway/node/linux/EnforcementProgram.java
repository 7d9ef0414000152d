package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.Mode;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The machine scheduler without an API server, for nodes that tests boot: enforces three classes,
 * shows what is in force, and puts it back. Arguments: the cgroup root; {@code crash} to end
 * without putting back, {@code restore}, or {@code left} to only put back what a crash has left;
 * UIDs of a pod of the dearest class, the middle and the cheapest.
 */
final class EnforcementProgram {
  private EnforcementProgram() {}

  public static void main(String[] args) throws IOException {
    var cgroups = new PodCgroups(Path.of(args[0]));
    var calls = new SchedulingCalls();
    Enforcement enforcement =
        Enforcement.choose(Mode.AUTO, new CapabilityProbe(calls).probe(Path.of(args[0])));
    System.out.printf("enforcement %s: %s%n", enforcement.kind().reason(), enforcement.message());
    var scheduler = new MachineScheduler(cgroups, calls, enforcement, false);
    List<FunctionPod> pods =
        List.of(
            pod(args[2], new ClassStanding(2, OptionalInt.of(3), 10_000)),
            pod(args[3], new ClassStanding(1, OptionalInt.of(1), 100)),
            pod(args[4], new ClassStanding(0, OptionalInt.empty(), 1)));
    if (args[1].equals("left")) {
      System.out.println("all " + pods.stream().allMatch(scheduler::restoreLeft));
      show("restored", cgroups, calls);
      return;
    }
    pods.forEach(scheduler::put);
    show("enforced", cgroups, calls);
    if (args[1].equals("restore")) {
      scheduler.restoreAll();
      show("restored", cgroups, calls);
    }
    System.out.println("failures " + scheduler.failures());
  }

  private static FunctionPod pod(String uid, ClassStanding standing) {
    return new FunctionPod(
        new PodRef("test", uid, uid),
        "test",
        new PricedClass("test", 1, true, standing),
        Map.of(),
        false);
  }

  private static void show(String when, PodCgroups cgroups, SchedulingCalls calls)
      throws IOException {
    for (var pod : new TreeMap<>(cgroups.pods()).entrySet()) {
      var threads = new TreeSet<String>();
      for (Path container : PodCgroups.containers(pod.getValue())) {
        for (int tid : PodCgroups.threads(container)) {
          ThreadState state = calls.get(tid);
          threads.add("%d/%d/%d".formatted(state.policy(), state.priority(), state.nice()));
        }
      }
      System.out.printf(
          "%s %s threads=%s weight=%s idle=%s%n",
          when,
          pod.getKey(),
          threads,
          content(pod.getValue().resolve("cpu.weight")),
          content(pod.getValue().resolve("cpu.idle")));
    }
  }

  private static String content(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file, US_ASCII).strip() : "-";
  }
}
