package dev.fareway.scheduler.kubernetes;

import dev.fareway.scheduler.core.HostPort;
import dev.fareway.scheduler.core.Room;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Amounts of resources by name, as whole numbers: thousandths of a CPU, units of everything else,
 * rounded up. What is larger than a quarter of a long counts as that, so that sums don't overflow.
 */
final class Amounts {
  private static final String CPU = "cpu";
  private static final String MEMORY = "memory";
  private static final String PODS = "pods";
  private static final long MOST = Long.MAX_VALUE / 4;

  private final Map<String, Long> byName = new HashMap<>();

  static Amounts of(@Nullable Map<String, Quantity> quantities) {
    var amounts = new Amounts();
    if (quantities != null) {
      quantities.forEach((name, quantity) -> amounts.put(name, quantity));
    }
    return amounts;
  }

  void add(Amounts other) {
    other.byName.forEach((name, amount) -> byName.merge(name, amount, Amounts::sum));
  }

  void raiseTo(Amounts other) {
    other.byName.forEach((name, amount) -> byName.merge(name, amount, Math::max));
  }

  void replaceBy(Amounts other) {
    byName.putAll(other.byName);
  }

  Amounts plus(Amounts other) {
    var sum = new Amounts();
    sum.add(this);
    sum.add(other);
    return sum;
  }

  /** As the room that a pod needs. */
  Room asNeeds(List<HostPort> hostPorts) {
    return room(1, hostPorts);
  }

  /** As the room that a node has. */
  Room asAllocatable() {
    return room(byName.getOrDefault(PODS, 0L), List.of());
  }

  private Room room(long pods, List<HostPort> hostPorts) {
    var others = new HashMap<>(byName);
    others.keySet().removeAll(List.of(CPU, MEMORY, PODS));
    others.values().removeIf(amount -> amount == 0);
    return new Room(
        byName.getOrDefault(CPU, 0L), byName.getOrDefault(MEMORY, 0L), pods, others, hostPorts);
  }

  private void put(String name, @Nullable Quantity quantity) {
    if (quantity == null) {
      return;
    }
    BigDecimal amount;
    try {
      amount = quantity.getNumericalAmount();
    } catch (IllegalArgumentException e) {
      // The API server lets no such thing in; if one is there all the same, it asks for nothing.
      return;
    }
    if (name.equals(CPU)) {
      amount = amount.scaleByPowerOfTen(3);
    }
    if (amount.signum() > 0) {
      byName.put(
          name, amount.setScale(0, RoundingMode.CEILING).min(BigDecimal.valueOf(MOST)).longValue());
    }
  }

  private static long sum(long a, long b) {
    return Math.min(a + b, MOST);
  }
}
