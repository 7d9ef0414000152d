package dev.fareway.e2e.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private static final RunTimes TIMES = new RunTimes(1.5, 1_000, 20_000);
  private static final double SECOND = 1e9;

  private static LoadPlan plan(long seed) {
    return new LoadPlan(
        seed,
        List.of(
            new Phase("before", 100_000), new Phase("spike", 50_000), new Phase("after", 100_000)),
        List.of(stream("a", 100.0, 100.0, 100.0), stream("b", 5.0, 200.0, 0.0)),
        0);
  }

  private static Stream stream(String name, Double... rates) {
    return new Stream(name, List.of(URI.create("http://127.0.0.1:1")), TIMES, List.of(rates));
  }

  @Test
  void sameSeed_givesTheSameRequests() {
    assertEquals(Arrivals.of(plan(7)), Arrivals.of(plan(7)));
    assertNotEquals(Arrivals.of(plan(7)), Arrivals.of(plan(8)));
  }

  @Test
  void classAlone_arrivesAsItDoesAmongOthers() {
    List<Arrival> among =
        Arrivals.of(plan(7)).stream().filter(arrival -> arrival.stream() == 0).toList();

    assertEquals(among, Arrivals.of(plan(7).only("a")));
  }

  @Test
  void requests_comeInOrder_andOnlyInPhasesWithARate() {
    List<Arrival> all = Arrivals.of(plan(7));

    long last = 0;
    for (Arrival arrival : all) {
      assertTrue(arrival.atNanos() >= last);
      assertTrue(arrival.atNanos() < 250 * SECOND);
      assertTrue(arrival.stream() == 0 || arrival.atNanos() < 150 * SECOND);
      last = arrival.atNanos();
    }
  }

  @Test
  void gaps_areExponential_withThePhasesRates() {
    // Given enough arrivals that three standard errors are a few percent
    List<Arrival> all = Arrivals.of(plan(11));

    assertRate(100, all, 0, 0, 100);
    assertRate(5, all, 1, 0, 100);
    assertRate(200, all, 1, 100, 150);
    assertEquals(
        0, all.stream().filter(a -> a.stream() == 1 && a.atNanos() > 150 * SECOND).count());

    // An exponential gap has a standard deviation equal to its mean
    List<Double> gaps = gaps(all, 0, 0, 250);
    double mean = gaps.stream().mapToDouble(gap -> gap).average().orElseThrow();
    double variance =
        gaps.stream().mapToDouble(gap -> (gap - mean) * (gap - mean)).average().orElseThrow();
    assertEquals(1, Math.sqrt(variance) / mean, 0.05);
    double longerThanMean = gaps.stream().filter(gap -> gap > mean).count() / (double) gaps.size();
    assertEquals(Math.exp(-1), longerThanMean, 0.02);
  }

  private static void assertRate(double rate, List<Arrival> all, int stream, int from, int to) {
    long count =
        all.stream()
            .filter(arrival -> arrival.stream() == stream)
            .filter(
                arrival -> arrival.atNanos() >= from * SECOND && arrival.atNanos() < to * SECOND)
            .count();
    double expected = rate * (to - from);
    assertEquals(expected, (double) count, 4 * Math.sqrt(expected));
  }

  private static List<Double> gaps(List<Arrival> all, int stream, int from, int to) {
    List<Long> times =
        all.stream()
            .filter(arrival -> arrival.stream() == stream)
            .map(Arrival::atNanos)
            .filter(at -> at >= from * SECOND && at < to * SECOND)
            .toList();
    return java.util.stream.IntStream.range(1, times.size())
        .mapToObj(i -> (times.get(i) - times.get(i - 1)) / SECOND)
        .toList();
  }

  @Test
  void plan_thatDoesNotAgree_isRefused() {
    List<Phase> phases = List.of(new Phase("only", 1_000));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LoadPlan(1, phases, List.of(stream("a", 1.0, 2.0)), 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LoadPlan(1, phases, List.of(stream("a", 1.0), stream("a", 1.0)), 0));
    assertThrows(IllegalArgumentException.class, () -> stream("a", -1.0));
    assertThrows(IllegalArgumentException.class, () -> stream("a", Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Phase("none", 0));
  }
}
