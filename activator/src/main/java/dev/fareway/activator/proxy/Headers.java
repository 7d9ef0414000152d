package dev.fareway.activator.proxy;

import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which headers go through a proxy, and which concern one connection only (RFC 9110, 7.6.1). */
final class Headers {
  private Headers() {}

  /** Copies what goes through. */
  static void copy(MultiMap from, MultiMap to) {
    String connection = from.get(HttpHeaders.CONNECTION);
    if (from instanceof io.netty.handler.codec.http.HttpHeaders netty) {
      // As they came from the wire: no text is made of them.
      Iterator<Map.Entry<CharSequence, CharSequence>> headers = netty.iteratorCharSequence();
      while (headers.hasNext()) {
        Map.Entry<CharSequence, CharSequence> header = headers.next();
        if (goesThrough(header.getKey(), connection)) {
          to.add(header.getKey(), header.getValue());
        }
      }
      return;
    }
    for (Map.Entry<String, String> header : from) {
      if (goesThrough(header.getKey(), connection)) {
        to.add(header.getKey(), header.getValue());
      }
    }
  }

  /** Netty's headers as Vert.x'; null if there are none. */
  static @Nullable MultiMap copyOf(io.netty.handler.codec.http.HttpHeaders from) {
    if (from.isEmpty()) {
      return null;
    }
    MultiMap to = MultiMap.caseInsensitiveMultiMap();
    for (Map.Entry<String, String> header : from) {
      to.add(header.getKey(), header.getValue());
    }
    return to;
  }

  /**
   * Whether a header goes on.
   *
   * @param connection the value of the message's Connection header
   */
  static boolean goesThrough(CharSequence name, @Nullable String connection) {
    return !isHopByHop(name) && (connection == null || !isNamed(connection, name));
  }

  private static boolean isHopByHop(CharSequence name) {
    // By length first: this runs for each header of each message.
    return switch (name.length()) {
      case 2 -> is(name, "te");
      case 7 -> is(name, "upgrade");
      case 10 -> is(name, "connection") || is(name, "keep-alive");
      case 16 -> is(name, "proxy-connection");
      case 17 -> is(name, "transfer-encoding");
      case 18 -> is(name, "proxy-authenticate");
      case 19 -> is(name, "proxy-authorization");
      default -> false;
    };
  }

  /** Whether this is the header of that name, which is given in lower case. */
  static boolean is(CharSequence name, String wanted) {
    if (name.length() != wanted.length()) {
      return false;
    }
    for (int i = 0; i < wanted.length(); i++) {
      if (AsciiString.toLowerCase(name.charAt(i)) != wanted.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the Connection header names this one as its own. */
  private static boolean isNamed(String connection, CharSequence name) {
    if (connection.equalsIgnoreCase("keep-alive") || connection.equalsIgnoreCase("close")) {
      return false;
    }
    for (String token : connection.split(",", -1)) {
      if (AsciiString.contentEqualsIgnoreCase(token.strip(), name)) {
        return true;
      }
    }
    return false;
  }
}
