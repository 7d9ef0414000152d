package dev.fareway.operator.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinderTest {
  @ParameterizedTest
  @CsvSource({
    "200, BOUND",
    "201, BOUND",
    "404, REFUSED",
    "409, REFUSED",
    "429, FAILED",
    "500, FAILED",
    "503, FAILED",
    "403, FAILED"
  })
  void outcome_ofEachAnswer(int code, Binder.Outcome expected) {
    assertEquals(expected, Binder.outcome(code));
  }
}
