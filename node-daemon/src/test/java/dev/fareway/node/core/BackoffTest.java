package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff = new Backoff(200, 30_000);

  @Test
  void pause_doubles_upToTheLimit_inTheUpperHalf() {
    var random = new SplittableRandom(1);
    long[] most = {200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000};
    for (int failures = 1; failures <= most.length; failures++) {
      long sum = 0;
      for (int i = 0; i < 1000; i++) {
        long pause = backoff.millis(failures, random);
        assertTrue(pause >= most[failures - 1] / 2 && pause <= most[failures - 1], "" + pause);
        sum += pause;
      }
      assertEquals(0.75, sum / 1000.0 / most[failures - 1], 0.05, "drawn evenly");
    }
  }

  @Test
  void pause_stays_afterVeryManyFailures() {
    assertTrue(backoff.millis(Integer.MAX_VALUE, new SplittableRandom(1)) <= 30_000);
    assertThrows(IllegalArgumentException.class, () -> new Backoff(10, 5));
  }
}
