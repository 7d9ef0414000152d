package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeadlineWheelTest {
  private static final long TICK = 100;

  private static final class Named extends DeadlineWheel.Deadline {}

  @Test
  void deadline_isFoundWithinATick_neverBefore() {
    var wheel = new DeadlineWheel(TICK, 0);
    var deadline = new Named();
    wheel.set(deadline, 250);

    wheel.expire(249, due -> assertTrue(false));
    List<DeadlineWheel.Deadline> found = new ArrayList<>();
    wheel.expire(350, found::add);

    assertEquals(List.of(deadline), found);
    assertFalse(deadline.isSet());
  }

  @Test
  void deadlineThatMovesAway_isFoundAtItsNewTime() {
    var wheel = new DeadlineWheel(TICK, 0);
    var deadline = new Named();
    wheel.set(deadline, 250);
    wheel.set(deadline, 100_000_000);

    wheel.expire(99_999_000, due -> assertTrue(false));
    List<DeadlineWheel.Deadline> found = new ArrayList<>();
    wheel.expire(100_000_100, found::add);

    assertEquals(List.of(deadline), found);
  }

  @Test
  void wheel_agreesWithAMap_overRandomRuns() {
    long seed = Seeds.next();
    var random = new SplittableRandom(seed);
    var wheel = new DeadlineWheel(TICK, -5000);
    Map<DeadlineWheel.Deadline, Long> model = new HashMap<>();
    List<Named> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(new Named());
    }
    long now = -5000;
    for (int step = 0; step < 20_000; step++) {
      now += random.nextInt(random.nextInt(100) == 0 ? 200_000 : 200);
      Named deadline = all.get(random.nextInt(all.size()));
      if (random.nextInt(4) == 0) {
        wheel.clear(deadline);
        model.remove(deadline);
      } else {
        long due = now + random.nextInt(120_000) - 100;
        wheel.set(deadline, due);
        // One that is past when it is set is found up to a tick after that.
        model.put(deadline, Math.max(due, now));
      }
      Set<DeadlineWheel.Deadline> found = new HashSet<>();
      wheel.expire(now, found::add);
      for (DeadlineWheel.Deadline each : found) {
        Long due = model.remove(each);
        assertTrue(due != null && due <= now, "early; seed " + seed);
      }
      for (long due : model.values()) {
        assertTrue(due > now - TICK, "late at step %d; seed %d".formatted(step, seed));
      }
      assertEquals(model.size(), wheel.size(), "seed " + seed);
    }
  }
}
