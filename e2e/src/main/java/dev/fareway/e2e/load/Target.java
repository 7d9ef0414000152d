package dev.fareway.e2e.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One instance that serves requests: its address, its idle connections and how many of its requests
 * are unanswered.
 *
 * <p>Thread safe. The last used idle connection is taken first.
 */
final class Target {
  private final InetSocketAddress address;
  private final byte[] requestStart;
  private final byte[] requestEnd;
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();
  private final AtomicInteger unanswered = new AtomicInteger();

  Target(URI uri) {
    this.address = new InetSocketAddress(uri.getHost(), uri.getPort());
    this.requestStart = "GET /?cpu-micros=".getBytes(US_ASCII);
    this.requestEnd = (" HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\n\r\n").getBytes(US_ASCII);
  }

  InetSocketAddress address() {
    return address;
  }

  byte[] requestStart() {
    return requestStart;
  }

  byte[] requestEnd() {
    return requestEnd;
  }

  AtomicInteger unanswered() {
    return unanswered;
  }

  @Nullable Connection takeIdle() {
    synchronized (idle) {
      return idle.pollLast();
    }
  }

  void putIdle(Connection connection) {
    synchronized (idle) {
      idle.addLast(connection);
    }
  }

  void forget(Connection connection) {
    synchronized (idle) {
      idle.remove(connection);
    }
  }
}
