package dev.fareway.node.core;

/**
 * Port: what activators say of the invocations that pods of this node run, as it comes, on any
 * thread: must not block. What concerns an unknown pod or class is to be ignored; it is said again
 * while it lasts.
 */
public interface InvocationClasses {
  /**
   * A pod runs an invocation of this class.
   *
   * @param holder who says so
   * @param forNanos more than 0; to go on, it is said again
   */
  void raise(String uid, String holder, String priceClass, long forNanos);

  /** What a holder raised is over. */
  void lower(String uid, String holder);
}
