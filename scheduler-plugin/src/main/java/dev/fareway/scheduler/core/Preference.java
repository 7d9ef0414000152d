package dev.fareway.scheduler.core;

/**
 * A wish: among nodes with equally many functions, those that match it come first.
 *
 * @param term what is wished for; only its {@code labels} are looked at
 * @param weight 1 to 100; the weights of all that match are added
 */
public record Preference(NodeTerm term, int weight) {
  public Preference {
    if (weight < 1 || weight > 100) {
      throw new IllegalArgumentException("weight is %d, it must be 1 to 100".formatted(weight));
    }
  }
}
