package dev.fareway.scheduler.core;

/**
 * A price class as the queue sees it.
 *
 * @param name the class' name
 * @param priceNanoUnits price of a CPU second in nano-units of the currency, 1 or more
 */
public record PricedClass(String name, long priceNanoUnits) {
  public PricedClass {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a price class needs a name");
    }
    if (priceNanoUnits < 1) {
      throw new IllegalArgumentException(
          "price class %s: price is %d nano-units, it must be 1 or more"
              .formatted(name, priceNanoUnits));
    }
  }
}
