package dev.fareway.activator.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code baggage} of a request says about its price class (W3C Baggage, sections 3.2 and
 * 3.3). Members that are malformed count as absent; what is beyond the limits of the specification
 * is not looked at.
 *
 * @param priceClass the class that the caller asks for; null if it asks for none
 * @param token what proves that it may; null if it brings none
 */
public record Baggage(@Nullable String priceClass, @Nullable String token) {
  /** The header's name. */
  public static final String HEADER = "baggage";

  /** Key of the member that names the class. */
  public static final String PRICE_CLASS = "fareway.price-class";

  /** Key of the member that proves it. */
  public static final String TOKEN = "fareway.token";

  /** Baggage that says nothing. */
  public static final Baggage NONE = new Baggage(null, null);

  /** Most members that are looked at and passed on. */
  static final int MAX_MEMBERS = 64;

  /** Most bytes that are looked at and passed on, over all lines. */
  static final int MAX_BYTES = 8192;

  private static final String TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~";

  /**
   * Reads the lines of the header as one list. Of a key that is there twice the first counts.
   *
   * @param lines the values of all {@code baggage} headers of the request, in order
   */
  public static Baggage read(List<String> lines) {
    if (lines.isEmpty()) {
      return NONE;
    }
    String priceClass = null;
    String token = null;
    for (String member : members(lines)) {
      if (priceClass == null) {
        priceClass = valueOf(member, PRICE_CLASS);
      }
      if (token == null) {
        token = valueOf(member, TOKEN);
      }
    }
    return priceClass == null && token == null ? NONE : new Baggage(priceClass, token);
  }

  /**
   * The header to send on: the class and its proof first, then the caller's own members as long as
   * they keep within the limits.
   *
   * @param lines the values of all {@code baggage} headers of the request, in order
   * @param priceClass the class that the request runs in
   * @param token proves the class to the next activator; null for none
   */
  public static String sendOn(List<String> lines, String priceClass, @Nullable String token) {
    var header = new StringBuilder(128).append(PRICE_CLASS).append('=').append(priceClass);
    int members = 1;
    if (token != null) {
      header.append(',').append(TOKEN).append('=').append(token);
      members++;
    }
    if (!lines.isEmpty()) {
      for (String member : members(lines)) {
        String key = keyOf(member);
        if (key == null || key.equals(PRICE_CLASS) || key.equals(TOKEN)) {
          continue;
        }
        if (members == MAX_MEMBERS || header.length() + 1 + member.length() > MAX_BYTES) {
          break;
        }
        header.append(',').append(member);
        members++;
      }
    }
    return header.toString();
  }

  /** The members within the limits, without the space around them; some may be malformed. */
  private static List<String> members(List<String> lines) {
    var members = new ArrayList<String>();
    int bytes = 0;
    for (String line : lines) {
      int start = 0;
      while (start <= line.length()) {
        int comma = line.indexOf(',', start);
        int end = comma < 0 ? line.length() : comma;
        bytes += end - start + 1;
        if (members.size() == MAX_MEMBERS || bytes > MAX_BYTES + 1) {
          return members;
        }
        String member = line.substring(start, end).strip();
        if (!member.isEmpty()) {
          members.add(member);
        }
        start = end + 1;
      }
    }
    return members;
  }

  /** The key of a well-formed member, or null. */
  private static @Nullable String keyOf(String member) {
    int equals = member.indexOf('=');
    if (equals <= 0) {
      return null;
    }
    int end = equals;
    while (end > 0 && isSpace(member.charAt(end - 1))) {
      end--;
    }
    for (int i = 0; i < end; i++) {
      if (!isTokenCharacter(member.charAt(i))) {
        return null;
      }
    }
    for (int i = equals + 1; i < member.length(); i++) {
      char c = member.charAt(i);
      if (c < 0x20 || c > 0x7e) {
        return null;
      }
    }
    return end == 0 ? null : member.substring(0, end);
  }

  /** The value of a well-formed member with this key, or null. */
  private static @Nullable String valueOf(String member, String key) {
    if (!member.startsWith(key) || !key.equals(keyOf(member))) {
      return null;
    }
    int start = member.indexOf('=') + 1;
    int semicolon = member.indexOf(';', start);
    String value = member.substring(start, semicolon < 0 ? member.length() : semicolon).strip();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == ' ' || c == '"' || c == '\\') {
        return null;
      }
    }
    return value.isEmpty() ? null : decode(value);
  }

  /** Undoes percent-encoding; null where it is malformed. */
  private static @Nullable String decode(String value) {
    if (value.indexOf('%') < 0) {
      return value;
    }
    byte[] bytes = new byte[value.length()];
    int size = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '%') {
        if (i + 2 >= value.length()) {
          return null;
        }
        int high = Character.digit(value.charAt(i + 1), 16);
        int low = Character.digit(value.charAt(i + 2), 16);
        if (high < 0 || low < 0) {
          return null;
        }
        bytes[size++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[size++] = (byte) c;
      }
    }
    return new String(bytes, 0, size, StandardCharsets.UTF_8);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isTokenCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || TOKEN_CHARACTERS.indexOf(c) >= 0;
  }
}
