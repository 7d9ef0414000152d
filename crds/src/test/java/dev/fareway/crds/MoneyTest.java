package dev.fareway.crds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MoneyTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "50, 50000000000",
    "12.5, 12500000000",
    "2u, 2000",
    "1.5u, 1500",
    "500n, 500",
    "1n, 1",
    "500m, 500000000",
    "1k, 1000000000000",
    "1Ki, 1024000000000",
    "2e-6, 2000",
    "9223372036854775807n, 9223372036854775807"
  })
  void of_readsQuantitiesExactly(String text, long nanoUnits) {
    assertEquals(nanoUnits, Money.of(new Quantity(text)).nanoUnits());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "-2u",
        "1.5n",
        "0.0000000001",
        "10G",
        "9223372036854775808n",
        "1e999999999",
        "1e2147483647",
        "1e-999999999"
      })
  void of_refusesWhatIsNoAmount_namingTheValue(String text) {
    var refusal = assertThrows(IllegalArgumentException.class, () -> Money.of(new Quantity(text)));
    assertTrue(refusal.toString().contains("\"" + text + "\""), refusal.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"fifty", "50 EUR", "2K", "1,5", "u"})
  void of_refusesWhatIsNoQuantity_namingTheValue(String text) {
    var refusal = assertThrows(IllegalArgumentException.class, () -> Money.of(new Quantity(text)));
    assertTrue(refusal.toString().contains("\"" + text + "\""), refusal.toString());
    assertTrue(refusal.toString().contains("not a Kubernetes quantity"), refusal.toString());
  }

  @Test
  void plus_throws_whenTheSumDoesNotFit() {
    var most = new Money(Long.MAX_VALUE);
    assertEquals(most, most.plus(Money.ZERO));
    assertThrows(ArithmeticException.class, () -> most.plus(new Money(1)));
  }

  @Test
  void toQuantity_isReadBackExactly() {
    // given
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    var random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      var money = new Money(random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63));

      // when
      Quantity quantity = money.toQuantity();

      // then
      assertEquals(money, Money.of(quantity), () -> "-Dfareway.seed=" + seed);
    }
  }

  @Test
  void toString_isPlainDecimal() {
    assertEquals("0.000002", new Money(2_000).toString());
    assertEquals("100", new Money(100_000_000_000L).toString());
    assertEquals("0", Money.ZERO.toString());
  }

  @Test
  void price_refusesZero_namingTheValue() {
    var refusal = assertThrows(IllegalArgumentException.class, () -> Price.of(new Quantity("0m")));
    assertTrue(refusal.toString().contains("\"0m\""), refusal.toString());
  }

  @Test
  void costOf_roundsDownToANanoUnit() {
    var price = Price.of(new Quantity("2u"));
    assertEquals(new Money(3_000), price.costOf(1_500_000_000));
    assertEquals(Money.ZERO, price.costOf(499_999));
    assertEquals(new Money(1), price.costOf(500_000));
  }

  @Test
  void costOf_isExact_nearTheLimits() {
    // given
    var dearest = Price.of(new Quantity("1M"));
    BigDecimal cpuNanos = new BigDecimal(Long.MAX_VALUE).movePointLeft(6);

    // when
    Money cost = dearest.costOf(cpuNanos.longValue());

    // then
    assertEquals(cpuNanos.longValue() * 1_000_000, cost.nanoUnits());
    assertThrows(ArithmeticException.class, () -> dearest.costOf(cpuNanos.longValue() + 1));
  }
}
