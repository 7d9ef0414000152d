package dev.fareway.activator.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * Writes the head of an HTTP/1.1 request. Nothing in it can end a line before its time: what came
 * over HTTP/2 may have any byte in it (RFC 9113, 10.3).
 *
 * <p>Not thread-safe; one serves all requests of an event loop, over the same bytes again.
 */
final class RequestHead implements ForwardedHeaders.Sink {
  private static final byte[] VERSION = " HTTP/1.1\r\nhost: ".getBytes(US_ASCII);
  private static final byte[] CHUNKED = "transfer-encoding: chunked\r\n".getBytes(US_ASCII);
  private static final int USUAL_BYTES = 4096;
  private static final int KEPT_BYTES = 64 << 10;

  private byte[] bytes = new byte[USUAL_BYTES];
  private int size;

  /**
   * Begins another one.
   *
   * @throws IllegalArgumentException if method, target or host are malformed
   */
  void begin(String method, String target, String host) {
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[USUAL_BYTES];
    }
    size = 0;
    put(method);
    put(' ');
    put(target);
    for (int i = 0; i < size; i++) {
      if (bytes[i] == ' ' && i != method.length()) {
        throw new IllegalArgumentException("there is a space in the request's target");
      }
    }
    checkLine(0);
    put(VERSION);
    int start = size;
    put(host);
    checkLine(start);
    put('\r');
    put('\n');
  }

  @Override
  public void add(CharSequence name, CharSequence value) {
    int start = size;
    put(name);
    put(':');
    put(' ');
    put(value);
    checkLine(start);
    put('\r');
    put('\n');
  }

  /** The complete head, to be released by who takes it. */
  ByteBuf end(ByteBufAllocator allocator, boolean isChunked) {
    if (isChunked) {
      put(CHUNKED);
    }
    put('\r');
    put('\n');
    return allocator.directBuffer(size).writeBytes(bytes, 0, size);
  }

  private void checkLine(int from) {
    for (int i = from; i < size; i++) {
      byte each = bytes[i];
      if (each == '\r' || each == '\n' || each == 0) {
        throw new IllegalArgumentException("there is a line break in the request's head");
      }
    }
  }

  // The copy by Latin-1, which is what HTTP/1.1 has in its head (RFC 9110, 5.5), without an array
  // between.
  @SuppressWarnings("deprecation")
  private void put(CharSequence text) {
    int length = text.length();
    grow(length);
    if (text instanceof AsciiString ascii) {
      System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, size, length);
    } else {
      text.toString().getBytes(0, length, bytes, size);
    }
    size += length;
  }

  private void put(byte[] text) {
    grow(text.length);
    System.arraycopy(text, 0, bytes, size, text.length);
    size += text.length;
  }

  private void put(char character) {
    grow(1);
    bytes[size++] = (byte) character;
  }

  private void grow(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }
}
