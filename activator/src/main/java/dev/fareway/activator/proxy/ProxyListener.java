package dev.fareway.activator.proxy;

import dev.fareway.activator.core.Invocation;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.RevisionKey;

/** Who wants to know what happens to invocations. Called on the event loop; returns at once. */
public interface ProxyListener {
  /** A function that was idle has its first request. */
  default void woken(RevisionKey key) {}

  /**
   * An invocation runs on this pod from now on.
   *
   * @param ownClass the class of the pod itself
   */
  default void started(Invocation invocation, PodAddress pod, String ownClass) {}

  /** It no longer does. */
  default void stopped(Invocation invocation, PodAddress pod) {}

  /** A pod could not be connected to, or broke a connection without an answer. */
  default void unreachable(RevisionKey key, PodAddress pod) {}
}
