package dev.fareway.activator.core;

import dev.fareway.scheduler.core.PricedClass;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The class of an invocation: the dearer of its function's own and the one that its caller asks
 * for, if the caller may. Immutable.
 */
public final class ClassChoice {
  private final Map<String, Long> prices = new HashMap<>();
  private final String fallback;

  /**
   * A choice among these classes.
   *
   * @param classes one or more
   * @param byDefault name of the class of functions that name none; null: the cheapest
   */
  public ClassChoice(Collection<PricedClass> classes, @Nullable String byDefault) {
    PricedClass cheapest = null;
    for (PricedClass each : classes) {
      prices.put(each.name(), each.priceNanoUnits());
      if (cheapest == null || each.priceNanoUnits() < cheapest.priceNanoUnits()) {
        cheapest = each;
      }
    }
    if (cheapest == null) {
      throw new IllegalArgumentException("there must be a price class");
    }
    fallback = byDefault != null && prices.containsKey(byDefault) ? byDefault : cheapest.name();
  }

  /** The class of a function that names this one, or none. */
  public String ofFunction(@Nullable String named) {
    return named != null && prices.containsKey(named) ? named : fallback;
  }

  /**
   * The class of an invocation.
   *
   * @param named the class that the function names; null for none
   * @param accept whose word the function takes
   * @param asked what the request's baggage says
   * @param tokens checks the proof
   * @param nowSeconds seconds since the epoch
   */
  public String ofInvocation(
      @Nullable String named,
      AcceptClass accept,
      Baggage asked,
      CallerTokens tokens,
      long nowSeconds) {
    String own = ofFunction(named);
    String wanted = asked.priceClass();
    if (wanted == null || accept == AcceptClass.NONE || priceOf(wanted) <= priceOf(own)) {
      return own;
    }
    if (accept == AcceptClass.ANY) {
      return wanted;
    }
    String token = asked.token();
    return token != null && tokens.proves(token, wanted, nowSeconds) ? wanted : own;
  }

  /** Whether the first costs more than the second; a class that isn't known costs nothing. */
  public boolean isDearer(String first, String second) {
    return priceOf(first) > priceOf(second);
  }

  private long priceOf(String name) {
    return prices.getOrDefault(name, 0L);
  }
}
