package dev.fareway.node.core;

/**
 * A price class as this node needs it.
 *
 * @param nanoUnitsPerCpuSecond its price, in billionths of the cluster's currency unit
 * @param swappable whether memory of its functions may be swapped under pressure
 */
public record PricedClass(
    String name, long nanoUnitsPerCpuSecond, boolean swappable, ClassStanding standing) {
  public PricedClass {
    if (name.isEmpty() || nanoUnitsPerCpuSecond < 0) {
      throw new IllegalArgumentException(
          "class '%s' at %d: a class has a name and no negative price"
              .formatted(name, nanoUnitsPerCpuSecond));
    }
  }
}
