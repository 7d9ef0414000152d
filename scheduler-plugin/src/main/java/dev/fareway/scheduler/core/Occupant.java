package dev.fareway.scheduler.core;

import org.jspecify.annotations.Nullable;

/**
 * The room that a pod takes on a node, and the charge until the node's dispatcher has counted it.
 */
final class Occupant {
  Room room;
  boolean function;
  @Nullable NodeState node;

  /** The API server has said so; before, it is our decision only. */
  boolean confirmed;

  boolean charged;
  long chargedMemoryBytes;

  Occupant(Room room, boolean function) {
    this.room = room;
    this.function = function;
  }
}
