package dev.fareway.scheduler.core;

/**
 * A function instance that waits for a node.
 *
 * @param uid unique and never reused
 * @param function what it is an instance of, for logs and estimates
 * @param priceClass name of its price class
 * @param createdNanos when it was created, in nanoseconds since the epoch; its age counts from here
 * @param memoryEstimateBytes what it is likely to use, charged to its node until the node has
 *     counted it
 * @param needs what it declares to need
 * @param constraints where it may run
 */
public record Instance(
    String uid,
    String function,
    String priceClass,
    long createdNanos,
    long memoryEstimateBytes,
    Room needs,
    Constraints constraints) {
  public Instance {
    if (uid.isEmpty() || priceClass.isEmpty()) {
      throw new IllegalArgumentException(
          "uid '%s', price class '%s': neither may be empty".formatted(uid, priceClass));
    }
    if (memoryEstimateBytes < 0) {
      throw new IllegalArgumentException(
          "memory estimate is %d bytes, it must be 0 or more".formatted(memoryEstimateBytes));
    }
  }

  /** The same in another price class. */
  public Instance in(String other) {
    return new Instance(
        uid, function, other, createdNanos, memoryEstimateBytes, needs, constraints);
  }

  /** The same with an estimate of what it will use. */
  public Instance using(long bytes) {
    return new Instance(uid, function, priceClass, createdNanos, bytes, needs, constraints);
  }
}
