package dev.fareway.e2e.load;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * As much of an HTTP/1.1 answer as the generator needs: its status and where it ends.
 *
 * @param status the status code
 * @param totalBytes head and body together
 */
record ResponseHead(int status, int totalBytes) {
  private static final String LENGTH = "content-length:";

  /**
   * Reads the head of an answer.
   *
   * @param buffer the answer from index 0 up to the buffer's position
   * @return the head, or null while it is not complete
   * @throws IllegalArgumentException if it is not HTTP/1.1 with a stated length
   */
  static @Nullable ResponseHead parse(ByteBuffer buffer) {
    int end = endOfHead(buffer);
    if (end < 0) {
      return null;
    }
    if (buffer.get(0) != 'H' || buffer.get(8) != ' ') {
      throw new IllegalArgumentException("not an HTTP answer");
    }
    int status = 100 * digit(buffer, 9) + 10 * digit(buffer, 10) + digit(buffer, 11);
    for (int i = 12; i < end - LENGTH.length(); i++) {
      if (buffer.get(i) == '\n' && startsWithLength(buffer, i + 1)) {
        return new ResponseHead(status, end + number(buffer, i + 1 + LENGTH.length()));
      }
    }
    throw new IllegalArgumentException("an answer without Content-Length");
  }

  private static int endOfHead(ByteBuffer buffer) {
    for (int i = 3; i < buffer.position(); i++) {
      if (buffer.get(i) == '\n' && buffer.get(i - 2) == '\n' && buffer.get(i - 1) == '\r') {
        return i + 1;
      }
    }
    return -1;
  }

  private static boolean startsWithLength(ByteBuffer buffer, int from) {
    for (int i = 0; i < LENGTH.length(); i++) {
      byte letter = buffer.get(from + i);
      if ((letter >= 'A' && letter <= 'Z' ? letter + 32 : letter) != LENGTH.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int number(ByteBuffer buffer, int from) {
    int i = from;
    while (buffer.get(i) == ' ') {
      i++;
    }
    int value = 0;
    while (buffer.get(i) != '\r') {
      value = Math.addExact(Math.multiplyExact(value, 10), digit(buffer, i));
      i++;
    }
    return value;
  }

  private static int digit(ByteBuffer buffer, int index) {
    int digit = buffer.get(index) - '0';
    if (digit < 0 || digit > 9) {
      throw new IllegalArgumentException("not a number in the answer's head");
    }
    return digit;
  }
}
