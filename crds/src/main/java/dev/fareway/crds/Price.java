package dev.fareway.crds;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigInteger;

/**
 * The price of a CPU second.
 *
 * @param nanoUnitsPerCpuSecond billionths of the currency unit per CPU second, more than 0
 */
public record Price(long nanoUnitsPerCpuSecond) implements Comparable<Price> {

  private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if the price is not positive
   */
  public Price {
    if (nanoUnitsPerCpuSecond <= 0) {
      throw new IllegalArgumentException(
          "a price must be more than 0: " + nanoUnitsPerCpuSecond + " nano-units per CPU second");
    }
  }

  /**
   * Reads a price that a user wrote as a Kubernetes quantity: {@code 2u} is 2000 nano-units.
   *
   * @throws IllegalArgumentException naming the value, if {@link Money#of} refuses it or it is 0
   */
  public static Price of(Quantity quantity) {
    long nanoUnits = Money.of(quantity).nanoUnits();
    if (nanoUnits == 0) {
      throw new IllegalArgumentException(
          "\"" + quantity + "\" is no price: it must be more than 0");
    }
    return new Price(nanoUnits);
  }

  /**
   * What this much CPU time costs, rounded down to a nano-unit.
   *
   * <p>2u × 1.5 s = 2000 nano-units/s × 1.5 s = 3000 nano-units. A meter should apply it to a
   * counter's total, not to each step, so that the rounding stays below one nano-unit.
   *
   * @param cpuNanos CPU time in nanoseconds, 0 or more
   * @throws ArithmeticException if the cost does not fit
   */
  public Money costOf(long cpuNanos) {
    return new Money(
        BigInteger.valueOf(nanoUnitsPerCpuSecond)
            .multiply(BigInteger.valueOf(cpuNanos))
            .divide(NANOS_PER_SECOND)
            .longValueExact());
  }

  /** The price in currency units per CPU second, as plain decimal digits. */
  public Quantity toQuantity() {
    return new Money(nanoUnitsPerCpuSecond).toQuantity();
  }

  @Override
  public int compareTo(Price other) {
    return Long.compare(nanoUnitsPerCpuSecond, other.nanoUnitsPerCpuSecond);
  }

  @Override
  public String toString() {
    return new Money(nanoUnitsPerCpuSecond) + " per CPU second";
  }
}
