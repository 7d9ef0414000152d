package dev.fareway.node.core;

/** One thing to do about a node's memory, to one function pod. */
public sealed interface MemoryAction {
  /** The pod's UID. */
  String uid();

  /**
   * Push some of its memory out to swap.
   *
   * @param bytes more than 0
   * @param frozen whether to stop it meanwhile
   */
  record PushOut(String uid, long bytes, boolean frozen) implements MemoryAction {}

  /**
   * Bring some of its memory back from swap, before it is missed.
   *
   * @param bytes more than 0
   */
  record BringBack(String uid, long bytes) implements MemoryAction {}

  /**
   * Ask the API server to end it.
   *
   * @param graceSeconds how long it may take to end
   */
  record Evict(String uid, long graceSeconds) implements MemoryAction {}

  /** End its processes now: asking was too slow. */
  record Kill(String uid) implements MemoryAction {}
}
