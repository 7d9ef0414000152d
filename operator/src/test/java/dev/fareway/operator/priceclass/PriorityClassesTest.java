package dev.fareway.operator.priceclass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.Price;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PriorityClassesTest {
  @Test
  void value_growsWithThePrice_andStaysInTheUsersRange() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 100_000; i++) {
      long price = 1 + (random.nextLong() >>> (1 + random.nextInt(62)));
      long dearer = Math.max(price + 1, price + (price >> 10));
      int value = PriorityClasses.valueFor(new Price(price));
      assertTrue(value >= 0 && value < 100_000_000, () -> seed + ": " + price);
      if (dearer > 0) {
        int more = PriorityClasses.valueFor(new Price(dearer));
        assertTrue(price >= 1 << 20 ? more >= value : more > value, () -> price + " " + dearer);
      }
    }
    assertEquals(0, PriorityClasses.valueFor(new Price(1)));
    assertTrue(
        PriorityClasses.valueFor(new Price(Long.MAX_VALUE))
            > PriorityClasses.valueFor(new Price(Long.MAX_VALUE / 2)));
  }
}
