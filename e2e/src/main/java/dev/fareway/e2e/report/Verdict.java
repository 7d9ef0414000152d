package dev.fareway.e2e.report;

/**
 * What the demo shows about its dearest class under the spike: 99th percentiles, in milliseconds.
 *
 * @param priceClass the class
 * @param unloadedMs alone on the machine
 * @param crowdedMs without enforcement
 * @param farewayMs with Fareway
 * @param requests how many requests were sent in all runs and classes
 * @param errors how many of those were not answered with success
 */
public record Verdict(
    String priceClass,
    double unloadedMs,
    double crowdedMs,
    double farewayMs,
    long requests,
    long errors) {
  /** With Fareway at most this many times as long as alone. */
  static final double MAX_SLOWDOWN = 1.5;

  /** With Fareway at least this many times better than crowded. */
  static final double MIN_GAIN = 5;

  /** How many times as long as alone it takes with Fareway. */
  public double slowdown() {
    return farewayMs / unloadedMs;
  }

  /** How many times as long as with Fareway it takes crowded. */
  public double gain() {
    return crowdedMs / farewayMs;
  }

  /** Whether the demo shows what it is there to show. */
  public boolean holds() {
    return slowdown() <= MAX_SLOWDOWN && gain() >= MIN_GAIN && errors == 0;
  }

  /** The verdict in words. */
  public String sentence() {
    return Figures.text(
        ("Under the spike, 99 of 100 %s requests took at most %s ms with Fareway, %s ms crowded,"
            + " %s ms alone on the machine: %s times better than crowded, %s times as long as"
            + " alone. %s"),
        priceClass,
        Figures.millis(farewayMs),
        Figures.millis(crowdedMs),
        Figures.millis(unloadedMs),
        Figures.factor(gain()),
        Figures.factor(slowdown()),
        answered());
  }

  /** What the demo is there to show, for where it doesn't. */
  public String shortfall() {
    return Figures.text(
        "That is not what Fareway is to show: at least %.1f times better than crowded, at most %.1f"
            + " times as long as alone, every request answered.",
        MIN_GAIN, MAX_SLOWDOWN);
  }

  private String answered() {
    return errors == 0
        ? Figures.text("All %s requests of the three runs were answered.", Figures.count(requests))
        : Figures.text(
            "%s of the three runs' %s requests were NOT answered.",
            Figures.count(errors), Figures.count(requests));
  }
}
