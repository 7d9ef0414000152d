package dev.fareway.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.e2e.load.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatencyTest {
  private static Sample sample(long intendedMillis, long doneMillis, int status) {
    long milli = 1_000_000;
    return new Sample(
        0, 1, intendedMillis * milli, intendedMillis * milli, doneMillis * milli, status);
  }

  @Test
  void percentiles_areNearestRanks() {
    long[] hundred = LongStream.rangeClosed(1, 100).toArray();
    assertEquals(50, Latency.percentile(hundred, 50));
    assertEquals(95, Latency.percentile(hundred, 95));
    assertEquals(99, Latency.percentile(hundred, 99));
    assertEquals(100, Latency.percentile(hundred, 100));
    assertEquals(1, Latency.percentile(hundred, 0));

    long[] three = {10, 20, 30};
    assertEquals(20, Latency.percentile(three, 50));
    assertEquals(30, Latency.percentile(three, 95));
    assertEquals(7, Latency.percentile(new long[] {7}, 99));
    assertTrue(Double.isNaN(Latency.percentile(new long[0], 50)));
  }

  @Test
  void latency_countsFromWhenTheRequestWasDue_andLeavesFailuresOut() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      samples.add(sample(1_000, 1_000 + i, 200));
    }
    samples.add(sample(1_000, 1_000, Sample.BROKEN));
    samples.add(sample(1_000, 9_000, Sample.UNANSWERED));
    samples.add(sample(1_000, 1_000, 503));

    assertEquals(new Latency(50, 95, 99, 103, 3), Latency.of(samples));
  }

  @Test
  void latencyOfNothing_isNotANumber() {
    Latency none = Latency.of(List.of());
    assertTrue(Double.isNaN(none.p99Ms()));
    assertEquals(0, none.requests());
  }
}
