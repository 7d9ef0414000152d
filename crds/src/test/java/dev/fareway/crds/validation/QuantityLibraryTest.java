package dev.fareway.crds.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityLibraryTest {

  @ParameterizedTest
  @CsvSource({
    "2u, 0.000002",
    "+1.5m, 0.0015",
    "-3, -3",
    ".5, 0.5",
    "5., 5",
    "1e3, 1000",
    "1E-3, 0.001",
    "1E, 1000000000000000000",
    "1.5Gi, 1610612736",
    "0.5n, 0.000000001"
  })
  void parse_readsTheAmount(String text, BigDecimal amount) {
    assertEquals(
        Optional.of(amount.stripTrailingZeros()),
        QuantityLibrary.parse(text).map(BigDecimal::stripTrailingZeros));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "200K", "Three", "Mi", "1,3G", "2 u", "1.2.3", "0x10", "1i", "∞"})
  void parse_refusesWhatKubernetesRefuses(String text) {
    assertTrue(QuantityLibrary.parse(text).isEmpty());
  }
}
