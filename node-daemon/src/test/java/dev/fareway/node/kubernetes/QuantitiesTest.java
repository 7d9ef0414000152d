package dev.fareway.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "500Mi, 524288000",
    "2Gi, 2147483648",
    "1.5k, 1500",
    "1e3, 1000",
    "2E, 2000000000000000000",
    "1Ei, 1152921504606846976",
    "1000m, 1",
    "3M, 3000000",
    "7Ki, 7168",
    "+5, 5"
  })
  void units_readsEverySuffix(String text, long units) {
    assertEquals(units, Quantities.units(text));
  }

  @ParameterizedTest
  @CsvSource({"2u, 2000", "500n, 500", "1m, 1000000", "0.25, 250000000", "3, 3000000000"})
  void nanos_readsPrices(String text, long nanos) {
    assertEquals(nanos, Quantities.nanos(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1x", "1 Mi", "1m", "1.5", "100E", "--1", "1e9999"})
  void units_refusesTheRest(String text) {
    assertThrows(IllegalArgumentException.class, () -> Quantities.units(text));
  }
}
