package dev.fareway.scheduler.core;

import org.jspecify.annotations.Nullable;

/**
 * The room that a pod takes on a node, and the charge until the node's dispatcher has counted it.
 */
final class Occupant {
  final String uid;

  /** Order of first appearance: the younger have the higher. */
  final long order;

  Room room;
  boolean function;

  /** What a CPU second of its class costs; 0 if it is no function instance. */
  long priceNanoUnits;

  @Nullable NodeState node;

  /** The API server has said so; before, it is our decision only. */
  boolean confirmed;

  /** It is ending or was asked to: its room will be free. */
  boolean leaving;

  /** It is not asked to leave before then, because that was refused lately. */
  long protectedUntilNanos = Long.MIN_VALUE;

  /** The function instances that came to its node just before and after it. */
  @Nullable Occupant beforeOnNode;

  @Nullable Occupant afterOnNode;

  boolean charged;
  long chargedMemoryBytes;

  Occupant(String uid, long order, Room room, boolean function) {
    this.uid = uid;
    this.order = order;
    this.room = room;
    this.function = function;
  }

  /**
   * Reads something of each line of memory that it takes, so that they are in a cache.
   *
   * @return a number made of what was read, of no meaning
   */
  int read() {
    return (confirmed ? 1 : 0) + (afterOnNode == null ? 1 : 0);
  }
}
