package dev.fareway.e2e.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
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

  Target(URI uri, Map<String, String> headers) {
    this.address = new InetSocketAddress(uri.getHost(), uri.getPort());
    this.requestStart = "GET /?cpu-micros=".getBytes(US_ASCII);
    var all = new TreeMap<String, String>();
    all.put("Host", uri.getAuthority());
    all.putAll(headers);
    var end = new StringBuilder(" HTTP/1.1\r\n");
    all.forEach((name, value) -> end.append(name).append(": ").append(value).append("\r\n"));
    this.requestEnd = end.append("\r\n").toString().getBytes(US_ASCII);
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
