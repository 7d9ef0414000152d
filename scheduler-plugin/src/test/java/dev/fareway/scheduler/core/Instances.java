package dev.fareway.scheduler.core;

/** Small builders for tests. */
final class Instances {
  static final long SECOND = 1_000_000_000L;
  static final Room BIG = new Room(1_000_000, 1L << 50, 1_000_000);

  private Instances() {}

  static Instance instance(String uid, String priceClass, long createdNanos) {
    return new Instance(
        uid, "f", priceClass, createdNanos, 100L << 20, Room.ONE_POD, Constraints.NONE);
  }

  static Instance needing(String uid, String priceClass, Room needs, Constraints constraints) {
    return new Instance(uid, "f", priceClass, 0, 0, needs, constraints);
  }
}
