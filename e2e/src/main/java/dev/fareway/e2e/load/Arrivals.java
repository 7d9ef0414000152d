package dev.fareway.e2e.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Turns a plan into the requests to send: for each class a Poisson process (exponential gaps) whose
 * rate changes from phase to phase.
 *
 * <p>Each class draws from a random source of its own, seeded by the plan's seed and its name: a
 * class arrives in the same way whichever others are in the plan.
 */
final class Arrivals {
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private Arrivals() {}

  /** All requests of a plan, by the time they are due; ties in the plan's order of classes. */
  static List<Arrival> of(LoadPlan plan) {
    List<Arrival> all = new ArrayList<>();
    for (int i = 0; i < plan.streams().size(); i++) {
      addStream(plan, i, all);
    }
    all.sort(Comparator.comparingLong(Arrival::atNanos).thenComparingInt(Arrival::stream));
    return List.copyOf(all);
  }

  private static void addStream(LoadPlan plan, int index, List<Arrival> all) {
    Stream stream = plan.streams().get(index);
    SplittableRandom random = new SplittableRandom(plan.seed() * 31 + stream.name().hashCode());
    double phaseStart = 0;
    for (int p = 0; p < plan.phases().size(); p++) {
      double phaseEnd = phaseStart + TimeUnit.MILLISECONDS.toNanos(plan.phases().get(p).millis());
      double rate = stream.ratesPerSecond().get(p);
      // The exponential clock has no memory, so it may start anew where the rate changes.
      double at = phaseStart;
      while (rate > 0) {
        at += -Math.log1p(-random.nextDouble()) / rate * NANOS_PER_SECOND;
        if (at >= phaseEnd) {
          break;
        }
        all.add(new Arrival(index, (long) at, stream.runTimes().drawMicros(random)));
      }
      phaseStart = phaseEnd;
    }
  }
}
