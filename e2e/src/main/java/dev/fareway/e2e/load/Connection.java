package dev.fareway.e2e.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A kept-alive HTTP/1.1 connection with at most one request on it.
 *
 * <p>The sending thread writes on it while it is idle, the reading thread reads; the request's
 * number passes from one to the other.
 */
final class Connection {
  /** No request on it. */
  static final int NONE = -1;

  private static final int BUFFER_BYTES = 2048;

  private final Target target;
  private final SocketChannel channel;
  private final ByteBuffer out = ByteBuffer.allocateDirect(1024);
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private volatile int request = NONE;
  private @Nullable ResponseHead head;

  private Connection(Target target, SocketChannel channel) {
    this.target = target;
    this.channel = channel;
  }

  /** Opens a connection. The handshake on loopback is the kernel's and takes microseconds. */
  static Connection open(Target target, Selector selector) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.connect(target.address());
      channel.configureBlocking(false);
      Connection connection = new Connection(target, channel);
      channel.register(selector, SelectionKey.OP_READ, connection);
      selector.wakeup();
      return connection;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  Target target() {
    return target;
  }

  int request() {
    return request;
  }

  /** Sends a request for the given CPU time. */
  void send(int number, int cpuMicros) throws IOException {
    request = number;
    out.clear();
    out.put(target.requestStart());
    putNumber(cpuMicros);
    out.put(target.requestEnd());
    out.flip();
    channel.write(out);
    if (out.hasRemaining()) {
      // An idle connection has an empty send buffer, far larger than a request.
      throw new IOException("the connection took only part of a request");
    }
  }

  /**
   * Reads what has come.
   *
   * @return the answer's status once it is complete, else 0
   * @throws IOException if the other side has closed or does not speak HTTP
   */
  int read() throws IOException {
    if (channel.read(in) < 0) {
      throw new EOFException("closed by the function");
    }
    try {
      if (head == null) {
        head = ResponseHead.parse(in);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (head == null ? !in.hasRemaining() : head.totalBytes() > in.capacity()) {
      throw new IOException("an answer of more than " + BUFFER_BYTES + " bytes");
    }
    if (head == null || in.position() < head.totalBytes()) {
      return 0;
    }
    int status = head.status();
    head = null;
    in.clear();
    request = NONE;
    return status;
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing is left to be done with it either way.
    }
  }

  private void putNumber(int value) {
    int divisor = 1;
    while (value / divisor >= 10) {
      divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10) {
      out.put((byte) ('0' + value / divisor % 10));
    }
  }
}
