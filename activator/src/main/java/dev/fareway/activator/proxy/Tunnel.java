package dev.fareway.activator.proxy;

import io.vertx.core.net.NetSocket;

/** Two sockets joined after an upgrade: what one sends the other gets. */
final class Tunnel {
  private final NetSocket caller;
  private final NetSocket pod;
  private Runnable closed = () -> {};
  private boolean isClosed;

  /** Joins them; says when the pod has sent something. */
  Tunnel(NetSocket caller, NetSocket pod, Runnable moved) {
    this.caller = caller;
    this.pod = pod;
    join(caller, pod, () -> {});
    join(pod, caller, moved);
  }

  /** What to do once either side has closed. */
  void whenClosed(Runnable action) {
    closed = action;
  }

  /** Closes both sides. */
  void close() {
    if (!isClosed) {
      isClosed = true;
      caller.close();
      pod.close();
      closed.run();
    }
  }

  private void join(NetSocket from, NetSocket to, Runnable moved) {
    from.handler(
        chunk -> {
          moved.run();
          to.write(chunk);
          if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(drained -> from.resume());
          }
        });
    from.closeHandler(gone -> close());
    from.exceptionHandler(failure -> close());
  }
}
