package dev.fareway.operator.certificates;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * ASN.1 in its distinguished encoding (X.690), as far as a certificate is made of it. Each method
 * gives one element, with its tag and its length.
 */
final class Der {
  private static final DateTimeFormatter TWO_DIGIT_YEAR =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter FOUR_DIGIT_YEAR =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  /** From then on years have four digits (RFC 5280, section 4.1.2.5). */
  private static final Instant YEAR_2050 = Instant.parse("2050-01-01T00:00:00Z");

  private Der() {}

  static byte[] sequence(byte[]... elements) {
    return element(0x30, elements);
  }

  /** An element that says itself which of several it is: {@code [number] EXPLICIT}. */
  static byte[] tagged(int number, byte[]... elements) {
    return element(0xA0 | number, elements);
  }

  /** Content whose kind follows from the number: {@code [number] IMPLICIT}, not constructed. */
  static byte[] implicit(int number, byte[] content) {
    return element(0x80 | number, content);
  }

  static byte[] isTrue() {
    return element(0x01, new byte[] {(byte) 0xFF});
  }

  static byte[] integer(BigInteger value) {
    return element(0x02, value.toByteArray());
  }

  static byte[] bits(byte[] whole) {
    return element(0x03, new byte[] {0}, whole);
  }

  /**
   * Bits that each have a meaning, the first of them bit 0; the last that is set ends the string.
   * Digital signature alone, bit 0, is the byte 0x80 of which 7 bits are not used.
   *
   * @param set which are set, up to bit 7
   */
  static byte[] namedBits(int... set) {
    int value = 0;
    for (int bit : set) {
      value |= 0x80 >> bit;
    }
    return element(0x03, new byte[] {(byte) Integer.numberOfTrailingZeros(value), (byte) value});
  }

  static byte[] octets(byte[] content) {
    return element(0x04, content);
  }

  /** An object identifier, such as {@code 2.5.29.15}. */
  static byte[] identifier(String dotted) {
    String[] parts = dotted.split("\\.", -1);
    var content = new ByteArrayOutputStream();
    // The first two share a byte.
    base128(content, Integer.parseInt(parts[0], 10) * 40 + Integer.parseInt(parts[1], 10));
    for (int i = 2; i < parts.length; i++) {
      base128(content, Integer.parseInt(parts[i], 10));
    }
    return element(0x06, content.toByteArray());
  }

  /** Seven bits a byte; all but the last have the eighth set. */
  private static void base128(ByteArrayOutputStream out, int value) {
    int groups = Math.max(1, (38 - Integer.numberOfLeadingZeros(value)) / 7);
    for (int i = groups - 1; i >= 0; i--) {
      int group = (value >> (7 * i)) & 0x7F;
      out.write(i == 0 ? group : 0x80 | group);
    }
  }

  static byte[] time(Instant time) {
    return time.isBefore(YEAR_2050)
        ? element(0x17, TWO_DIGIT_YEAR.format(time).getBytes(US_ASCII))
        : element(0x18, FOUR_DIGIT_YEAR.format(time).getBytes(US_ASCII));
  }

  private static byte[] element(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    var out = new ByteArrayOutputStream(length + 6);
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      byte[] digits = BigInteger.valueOf(length).toByteArray();
      int from = digits[0] == 0 ? 1 : 0;
      out.write(0x80 | digits.length - from);
      out.write(digits, from, digits.length - from);
    }
    for (byte[] part : parts) {
      out.write(part, 0, part.length);
    }
    return out.toByteArray();
  }
}
