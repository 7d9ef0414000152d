package dev.fareway.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fareway.crds.Money;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountsTest {
  @Test
  void cpuAndMemory_areRoundedUp() {
    assertEquals("0m", Amounts.cpu(0));
    assertEquals("1m", Amounts.cpu(1));
    assertEquals("250m", Amounts.cpu(250_000_000));
    assertEquals("1Mi", Amounts.memory(1));
    assertEquals("1024Mi", Amounts.memory(1L << 30));
  }

  @Test
  void money_hasAllItsDigits() {
    assertEquals("0.000000001", Amounts.money(new Money(1)));
    assertEquals("9223372036.854775807", Amounts.money(new Money(Long.MAX_VALUE)));
  }

  @ParameterizedTest
  @CsvSource({"0, 0, -", "0, 7, 0%", "7, 7, 100%", "1, 8, 13%", "1, 200, 1%", "1, 201, 0%"})
  void share_isRoundedHalfUp(long part, long whole, String share) {
    assertEquals(share, Amounts.share(new Money(part), new Money(whole)));
  }

  @Test
  void share_ofTheLargestAmount_doesNotOverflow() {
    assertEquals("100%", Amounts.share(new Money(Long.MAX_VALUE), new Money(Long.MAX_VALUE)));
  }

  @ParameterizedTest
  @CsvSource({
    "-5, 0s",
    "119, 119s",
    "120, 2m",
    "252, 4m12s",
    "3600, 1h",
    "5400, 1h30m",
    "270000, 3d3h"
  })
  void age_isInItsTwoLargestUnits(long seconds, String age) {
    assertEquals(age, Amounts.age(Duration.ofSeconds(seconds)));
  }

  @Test
  void anHour_isTimeTimesPrice() {
    // Half a CPU at 20u and 2 GiB at 1u, for 3600 s: 0.036 and 0.0072.
    assertEquals(
        new Money(43_200_000), Amounts.anHour(500_000_000, 20_000, 2L << 30, Optional.of(1_000L)));
    assertEquals(
        new Money(36_000_000), Amounts.anHour(500_000_000, 20_000, 2L << 30, Optional.empty()));
  }

  @Test
  void anHour_thatDoesNotFit_isAnError() {
    assertThrows(
        ArithmeticException.class,
        () -> Amounts.anHour(Long.MAX_VALUE, Long.MAX_VALUE, 0, Optional.empty()));
  }
}
