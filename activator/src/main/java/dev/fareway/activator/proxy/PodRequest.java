package dev.fareway.activator.proxy;

import io.vertx.core.buffer.Buffer;

/**
 * A request on its way to a pod, over whatever protocol. After its answer has ended or was broken
 * off, or it was cancelled, it must not be used any more. All on the proxy's event loop.
 */
interface PodRequest {
  /**
   * Sends the head.
   *
   * @param hasBody whether more follows before {@link #end}
   * @throws IllegalArgumentException if it can't be sent as it is
   */
  void start(Exchange exchange, boolean hasBody);

  /** Sends a part of the body, at once. */
  void write(Buffer chunk);

  /** Whether what was written piles up. */
  boolean isFull();

  /** Does this once it no longer does. */
  void whenDrained(Runnable action);

  /** All of the request is sent. */
  void end();

  /** Reads nothing more of the answer for now. */
  void pauseAnswer();

  /** Reads on. */
  void resumeAnswer();

  /** Gives the request up; nothing more is heard of it. */
  void cancel();
}
