package dev.fareway.e2e.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunTimesTest {
  @Test
  void quantiles_matchTheClosedForm() {
    RunTimes times = new RunTimes(1.5, 1_500, 50_000);

    assertEquals(1_500, times.quantileMicros(0), 1e-6);
    assertEquals(50_000, times.quantileMicros(1), 1e-6);
    assertEquals(2_373, times.quantileMicros(0.5), 1);
    assertEquals(3_740, times.meanMicros(), 10);
  }

  @Test
  void draws_haveTheMeanAndTheTail_andStayWithinBounds() {
    RunTimes times = new RunTimes(1.5, 1_500, 50_000);
    SplittableRandom random = new SplittableRandom(42);
    int draws = 400_000;
    double sum = 0;
    int above = 0;
    for (int i = 0; i < draws; i++) {
      int micros = times.drawMicros(random);
      assertTrue(micros >= 1_500 && micros <= 50_000, () -> "out of bounds: " + micros);
      sum += micros;
      if (micros > times.quantileMicros(0.99)) {
        above++;
      }
    }

    assertEquals(times.meanMicros(), sum / draws, times.meanMicros() * 0.01);
    assertEquals(0.01, above / (double) draws, 0.001);
  }

  @ParameterizedTest
  @CsvSource({"0,1,2", "1,1,2", "-1,1,2", "1.5,0,2", "1.5,2,2", "1.5,3,2", "NaN,1,2"})
  void outOfRange_isRefused(double alpha, int min, int max) {
    assertThrows(IllegalArgumentException.class, () -> new RunTimes(alpha, min, max));
  }
}
