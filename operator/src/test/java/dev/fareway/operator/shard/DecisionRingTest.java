package dev.fareway.operator.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.scheduler.core.PlacementSink.How;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecisionRingTest {
  private final DecisionRing ring = new DecisionRing();

  @Test
  void latest_isEmpty_whenNothingWasDecided() {
    assertEquals(List.of(), ring.latest());
  }

  @Test
  void latest_beginsWithTheLatest() {
    ring.add(decision(1));
    ring.add(decision(2));

    assertEquals(List.of(2L, 1L), ring.latest().stream().map(Decision::atMillis).toList());
  }

  @Test
  void latest_keepsSoManyAndNoMore() {
    for (int i = 0; i < 3 * DecisionRing.SIZE + 7; i++) {
      ring.add(decision(i));
    }

    assertEquals(DecisionRing.SIZE, ring.latest().size());
    assertEquals(3L * DecisionRing.SIZE + 6, ring.latest().getFirst().atMillis());
  }

  @Test
  void latest_neverShowsAHole_whileOthersAreMade() throws InterruptedException {
    var stopped = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (long at = 0; !stopped.get(); at++) {
                    ring.add(decision(at));
                  }
                });
    var seen = new ArrayList<List<Decision>>();
    for (int i = 0; i < 2_000; i++) {
      seen.add(ring.latest());
    }
    stopped.set(true);
    writer.join();

    assertTrue(seen.stream().flatMap(List::stream).allMatch(Objects::nonNull));
    assertTrue(seen.stream().allMatch(one -> one.size() <= DecisionRing.SIZE));
  }

  @ParameterizedTest
  @EnumSource(How.class)
  void reason_saysHowTheNodeWasFound(How how) {
    var decision =
        new Decision(0, Decision.Kind.PLACED, "ns", "pod", "batch", 2, "node", 0, how, 3, "");

    assertTrue(decision.reason().matches(".* 3 .*there now\\."), decision.reason());
  }

  private static Decision decision(long at) {
    return new Decision(at, Decision.Kind.WAITS, "ns", "pod", "batch", 0, "", 0, null, 0, "full");
  }
}
