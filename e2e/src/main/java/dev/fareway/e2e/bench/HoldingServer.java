package dev.fareway.e2e.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * A function that waits for others, as most do: it answers each request some time after it came,
 * however many there are. That time differs from request to request: if it did not, places that
 * were taken together would be free together for ever, and a newcomer would wait for all of them.
 * One thread; HTTP/1.1 without bodies, a request at a time a connection.
 */
final class HoldingServer {
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n".getBytes(US_ASCII);
  private static final int BACKLOG = 4096;

  private static final long SEED = 1;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final long leastNanos;
  private final long mostNanos;
  private final Selector selector;
  private final PriorityQueue<Held> held = new PriorityQueue<>();

  private record Held(SelectionKey key, long dueNanos) implements Comparable<Held> {
    @Override
    public int compareTo(Held other) {
      return Long.signum(dueNanos - other.dueNanos);
    }
  }

  private HoldingServer(int port, long leastNanos, long mostNanos) throws IOException {
    this.leastNanos = leastNanos;
    this.mostNanos = mostNanos;
    selector = Selector.open();
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
  }

  /**
   * Serves on the port named first, holding each request for as many microseconds as named next, up
   * to as many as named last.
   */
  public static void main(String[] args) throws IOException {
    new HoldingServer(
            Integer.parseInt(args[0]),
            TimeUnit.MICROSECONDS.toNanos(Long.parseLong(args[1])),
            TimeUnit.MICROSECONDS.toNanos(Long.parseLong(args[2])))
        .run();
  }

  private void run() throws IOException {
    while (true) {
      Held next = held.peek();
      if (next == null) {
        selector.select(this::ready);
      } else {
        long left = next.dueNanos - System.nanoTime();
        // The selector counts in milliseconds: the last one is spent looking.
        if (left >= 2_000_000) {
          selector.select(this::ready, left / 1_000_000 - 1);
        } else {
          selector.selectNow(this::ready);
        }
      }
      long now = System.nanoTime();
      for (Held due = held.peek(); due != null && due.dueNanos - now <= 0; due = held.peek()) {
        answer(held.remove().key);
      }
    }
  }

  private void ready(SelectionKey key) {
    try {
      if (key.isAcceptable()) {
        SocketChannel caller = ((ServerSocketChannel) key.channel()).accept();
        if (caller != null) {
          caller.configureBlocking(false);
          caller.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(4096));
        }
        return;
      }
      var in = (ByteBuffer) key.attachment();
      if (((SocketChannel) key.channel()).read(in) < 0 || !in.hasRemaining()) {
        key.channel().close();
      } else if (isComplete(in)) {
        in.clear();
        held.add(new Held(key, System.nanoTime() + random.nextLong(leastNanos, mostNanos)));
      }
    } catch (IOException e) {
      close(key);
    }
  }

  private static boolean isComplete(ByteBuffer in) {
    int end = in.position();
    return end >= 4
        && in.get(end - 4) == '\r'
        && in.get(end - 2) == '\r'
        && in.get(end - 1) == '\n';
  }

  private static void answer(SelectionKey key) {
    try {
      ((SocketChannel) key.channel()).write(ByteBuffer.wrap(ANSWER));
    } catch (IOException e) {
      close(key);
    }
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
