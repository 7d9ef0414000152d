package dev.fareway.activator.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Who hears what becomes of a request to a pod. All on the proxy's event loop. */
interface PodAnswer {
  /** Whether it no longer wants to hear anything. */
  boolean isOver();

  /** The request may be sent on this. */
  void connected(PodRequest request);

  /** The pod can't be connected to. */
  void notConnected();

  /**
   * The answer's head.
   *
   * @param reason the status line's text; empty where there is none
   */
  void head(int status, String reason, MultiMap headers);

  /** A part of the answer's body. */
  void body(Buffer chunk);

  /** All that has come so far was handed over: the next may take its time. */
  void caughtUp();

  /** The answer is complete. */
  void end(@Nullable MultiMap trailers);

  /** The pod broke the connection off before that. */
  void broken();
}
