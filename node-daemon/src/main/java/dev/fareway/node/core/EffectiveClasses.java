package dev.fareway.node.core;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The classes that pods have by inheritance: while a dear invocation waits for a cheap function,
 * the function runs in the invocation's class (DESIGN: a pod's effective class is the highest among
 * its own and its running invocations').
 *
 * <p>What a pod's budgets cap stays capped: a dear invocation does not raise it beyond, or the
 * budget's owner would pay for what others call.
 *
 * <p>Who raises a pod says so again within {@link #MAX_NANOS}, or it falls back: a caller that dies
 * leaves no pod raised. Several may raise one pod; each lowers only what it raised itself. Pure:
 * the time is passed in. Not thread-safe.
 */
public final class EffectiveClasses {
  /** The longest that a pod stays raised without being told again: one second. */
  public static final long MAX_NANOS = 1_000_000_000;

  private record Raise(PricedClass to, long untilNanos) {}

  private final Map<String, Map<String, Raise>> raises = new HashMap<>();

  /**
   * A pod inherits a class, from now until the time is over; again to go on.
   *
   * @param holder who says so: an invocation, or all of a caller's together
   * @param forNanos more than 0; more than {@link #MAX_NANOS} counts as that
   */
  public void raise(String uid, String holder, PricedClass to, long nowNanos, long forNanos) {
    if (forNanos <= 0) {
      throw new IllegalArgumentException("for %d ns: it must be more than 0".formatted(forNanos));
    }
    raises
        .computeIfAbsent(uid, _ -> new HashMap<>())
        .put(holder, new Raise(to, nowNanos + Math.min(forNanos, MAX_NANOS)));
  }

  /** What a holder raised is over; nothing if it had raised nothing. */
  public void lower(String uid, String holder) {
    Map<String, Raise> of = raises.get(uid);
    if (of != null && of.remove(holder) != null && of.isEmpty()) {
      raises.remove(uid);
    }
  }

  /** A pod is gone. */
  public void forget(String uid) {
    raises.remove(uid);
  }

  /** The pod in the class that it is to run in now. */
  public FunctionPod effective(FunctionPod pod, long nowNanos) {
    Optional<PricedClass> highest = Optional.empty();
    for (Raise raise : raises.getOrDefault(pod.uid(), Map.of()).values()) {
      boolean counts = raise.untilNanos - nowNanos > 0;
      int best = highest.map(c -> c.standing().rank()).orElse(pod.standing().rank());
      if (counts && raise.to.standing().rank() > best) {
        highest = Optional.of(raise.to);
      }
    }
    return highest.map(pod::in).orElse(pod).capped();
  }

  /** Drops what is over, and says which pods that concerns. */
  public Set<String> expire(long nowNanos) {
    var concerned = new HashSet<String>();
    raises
        .entrySet()
        .removeIf(
            of -> {
              if (of.getValue().values().removeIf(raise -> raise.untilNanos - nowNanos <= 0)) {
                concerned.add(of.getKey());
              }
              return of.getValue().isEmpty();
            });
    return concerned;
  }

  /** When the next raise is over; empty if there is none. */
  public OptionalLong nextExpiry(long nowNanos) {
    long left =
        raises.values().stream()
            .flatMap(of -> of.values().stream())
            .mapToLong(raise -> raise.untilNanos - nowNanos)
            .min()
            .orElse(Long.MAX_VALUE);
    return left == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(nowNanos + left);
  }
}
