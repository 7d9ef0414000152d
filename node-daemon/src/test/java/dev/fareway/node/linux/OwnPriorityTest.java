package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.fareway.node.core.Capabilities;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.Mode;
import dev.fareway.node.core.ThreadPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On this machine's own kernel. */
class OwnPriorityTest {
  private final SchedulingCalls calls = new SchedulingCalls();
  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  @AfterEach
  void end() {
    thread.shutdownNow();
  }

  private Capabilities capabilities(TestNode node) {
    Capabilities can = new CapabilityProbe(calls).probe(node.root());
    return can.realTime().isEmpty()
        ? can
        : abort("SCHED_FIFO is not to be had here: " + can.realTime().get());
  }

  @Test
  void raise_bringsTheThreadAboveAllFunctions_andNothingThatItStarts() throws Exception {
    try (var node = TestNode.create()) {
      Enforcement enforcement = Enforcement.choose(Mode.AUTO, capabilities(node));
      var dearest = new ClassStanding(9, OptionalInt.of(39), 10_000);
      int highest =
          enforcement.threadPolicy(dearest, true, 0) instanceof ThreadPolicy.RealTime(int value)
              ? value
              : 0;

      ThreadState own = thread.submit(this::raised).get();
      Process child = thread.submit(() -> new ProcessBuilder("cat").start()).get();

      try {
        assertEquals(ThreadState.SCHED_FIFO, own.policy());
        assertTrue(own.priority() > highest && own.priority() < 50, own::toString);
        assertEquals(ThreadState.USUAL, calls.get((int) child.pid()));
      } finally {
        child.destroyForcibly();
      }
    }
  }

  private ThreadState raised() throws SchedulingCalls.Refused {
    new OwnPriority(calls).raise();
    return calls.get(0);
  }

  @Test
  void rehearsal_leavesNothing_whetherItIsOverOrBrokenOff() throws IOException {
    try (var node = TestNode.create()) {
      Enforcement enforcement = Enforcement.choose(Mode.AUTO, capabilities(node));
      var whole = new Rehearsal(node.root(), calls, enforcement);
      int parts = 1;
      while (whole.part()) {
        parts++;
      }
      whole.close();
      assertTrue(parts > 1);
      assertEquals(0, leftIn(node));

      var brokenOff = new Rehearsal(node.root(), calls, enforcement);
      assertTrue(brokenOff.part());
      assertEquals(1, leftIn(node));
      brokenOff.close();
      assertEquals(0, leftIn(node));
    }
  }

  @Test
  void probe_removesTheRehearsal_ofADaemonThatWasKilled() throws IOException {
    try (var node = TestNode.create()) {
      var enforcement = Enforcement.choose(Mode.AUTO, capabilities(node));
      var killed = new Rehearsal(node.root(), calls, enforcement);
      assertTrue(killed.part());
      killed.endChild();

      var _ = new CapabilityProbe(calls).probe(node.root());

      assertEquals(0, leftIn(node));
    }
  }

  private static long leftIn(TestNode node) throws IOException {
    try (var entries = Files.list(node.root())) {
      return entries.filter(Files::isDirectory).count();
    }
  }
}
