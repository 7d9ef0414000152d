package dev.fareway.activator.proxy;

import dev.fareway.activator.core.DeadlineWheel;
import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections that bring no request in time (slowloris), and those beyond the most that
 * there may be.
 */
final class ConnectionGuard {
  private final Map<HttpConnection, Guarded> connections = new HashMap<>();
  private final DeadlineWheel wheel;
  private final ProxyOptions options;

  ConnectionGuard(DeadlineWheel wheel, ProxyOptions options) {
    this.wheel = wheel;
    this.options = options;
  }

  /** A connection was opened. */
  void opened(HttpConnection connection, long nowNanos) {
    if (connections.size() >= options.maxConnections()) {
      connection.close();
      return;
    }
    var guarded = new Guarded(connection);
    connections.put(connection, guarded);
    connection.closeHandler(
        closed -> {
          connections.remove(connection);
          wheel.clear(guarded);
        });
    wheel.set(guarded, nowNanos + options.headerTimeout().toNanos());
  }

  /** A request has come in, with all its headers. */
  void begun(HttpConnection connection) {
    Guarded guarded = connections.get(connection);
    if (guarded != null) {
      guarded.requests++;
      wheel.clear(guarded);
    }
  }

  /** A request has ended. */
  void ended(HttpConnection connection, long nowNanos) {
    Guarded guarded = connections.get(connection);
    if (guarded != null && --guarded.requests == 0) {
      wheel.set(guarded, nowNanos + options.keepAlive().toNanos());
    }
  }

  /** How many there are. */
  int size() {
    return connections.size();
  }

  /** Closes those that have nothing to do. */
  void closeIdle() {
    for (Guarded guarded : connections.values().toArray(Guarded[]::new)) {
      if (guarded.requests == 0) {
        guarded.connection.close();
      }
    }
  }

  /** The guarded connection of a deadline; null if the deadline is another's. */
  static @Nullable HttpConnection of(DeadlineWheel.Deadline deadline) {
    return deadline instanceof Guarded guarded ? guarded.connection : null;
  }

  private static final class Guarded extends DeadlineWheel.Deadline {
    final HttpConnection connection;
    int requests;

    Guarded(HttpConnection connection) {
      this.connection = connection;
    }
  }
}
