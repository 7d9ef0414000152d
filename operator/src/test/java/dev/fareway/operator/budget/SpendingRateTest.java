package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SpendingRateTest {
  private static final Instant START = Instant.parse("2026-11-24T00:00:00Z");

  private final SpendingRate rate = new SpendingRate();

  private OptionalLong at(Duration since, long spent) {
    Instant now = START.plus(since);
    rate.add(now, spent);
    return rate.hourly(now, spent);
  }

  @Test
  void rate_isOfTheLastHour_onceTenMinutesAreKnown() {
    assertEquals(OptionalLong.empty(), at(Duration.ZERO, 100));
    assertEquals(OptionalLong.empty(), at(Duration.ofMinutes(9), 190));
    assertEquals(OptionalLong.of(600), at(Duration.ofMinutes(10), 200));
    for (int minute = 11; minute <= 180; minute++) {
      at(Duration.ofMinutes(minute), 200);
    }
    assertEquals(OptionalLong.of(0), at(Duration.ofMinutes(181), 200));
  }

  @Test
  void clockThatGoesBack_beginsAnew() {
    at(Duration.ZERO, 0);
    assertEquals(OptionalLong.of(3600), at(Duration.ofHours(1), 3600));
    assertEquals(OptionalLong.empty(), at(Duration.ofMinutes(-30), 3600));
    assertEquals(OptionalLong.of(60), at(Duration.ofMinutes(-20), 3610));
  }

  @Test
  void clockThatLeapsAhead_onlyMakesTheRateSmaller() {
    at(Duration.ZERO, 0);
    assertEquals(OptionalLong.of(150), at(Duration.ofHours(24), 3600));
  }

  @Test
  void spending_thatShrinks_isAnotherMonth() {
    at(Duration.ZERO, 1000);
    at(Duration.ofMinutes(20), 2000);
    assertEquals(OptionalLong.empty(), at(Duration.ofMinutes(21), 5));
    assertEquals(OptionalLong.of(60), at(Duration.ofMinutes(31), 15));
  }

  @Test
  void rate_doesNotWrap() {
    at(Duration.ZERO, 0);
    assertEquals(OptionalLong.of(Long.MAX_VALUE), at(Duration.ofMinutes(10), Long.MAX_VALUE - 1));
  }
}
