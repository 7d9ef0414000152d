package dev.fareway.crds;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;

/**
 * An exact, non-negative amount of money in billionths of the cluster's currency unit.
 *
 * <p>Arithmetic never rounds and never wraps: what does not fit throws.
 *
 * @param nanoUnits the amount in nano-units, 0 or more; 1,500,000,000 is 1.5 currency units
 */
public record Money(long nanoUnits) implements Comparable<Money> {

  /** Nothing. */
  public static final Money ZERO = new Money(0);

  private static final int NANO_DIGITS = 9;

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if {@code nanoUnits} is negative
   */
  public Money {
    if (nanoUnits < 0) {
      throw new IllegalArgumentException("money can't be negative: " + nanoUnits + " nano-units");
    }
  }

  /**
   * Reads an amount that a user wrote as a Kubernetes quantity, such as {@code "50"} or {@code 2u}.
   *
   * @throws IllegalArgumentException naming the value, if it is not a quantity, negative, finer
   *     than a nano-unit, or more than {@link Long#MAX_VALUE} nano-units (about 9.2 billion units)
   */
  public static Money of(Quantity quantity) {
    BigDecimal units = number(quantity);
    if (units.signum() < 0) {
      throw new IllegalArgumentException("\"" + quantity + "\" is negative");
    }
    try {
      // Not movePointRight, which would write out all digits of 1e999999999.
      return new Money(units.scaleByPowerOfTen(NANO_DIGITS).longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "\""
              + quantity
              + "\" is not a whole number of nano-units from 0 to "
              + Long.MAX_VALUE
              + " (finest step: 1n; at most about 9.2G)",
          e);
    }
  }

  private static BigDecimal number(Quantity quantity) {
    try {
      return quantity.getNumericalAmount();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "\"" + quantity + "\" is not a Kubernetes quantity, such as 50, 0.5 or 2u", e);
    }
  }

  /**
   * The sum of both.
   *
   * @throws ArithmeticException if the sum does not fit
   */
  public Money plus(Money other) {
    return new Money(Math.addExact(nanoUnits, other.nanoUnits));
  }

  /** The amount in currency units, as plain decimal digits: {@code 12.5}. */
  public Quantity toQuantity() {
    return new Quantity(toString());
  }

  @Override
  public int compareTo(Money other) {
    return Long.compare(nanoUnits, other.nanoUnits);
  }

  @Override
  public String toString() {
    var units = BigDecimal.valueOf(nanoUnits, NANO_DIGITS).stripTrailingZeros();
    return units.toPlainString();
  }
}
