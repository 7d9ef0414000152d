package dev.fareway.activator.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which headers go through a proxy, and which concern one connection only (RFC 9110, 7.6.1). */
final class Headers {
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "transfer-encoding",
          "upgrade");

  private Headers() {}

  /** Copies what goes through. */
  static void copy(MultiMap from, MultiMap to) {
    String connection = from.get(HttpHeaders.CONNECTION);
    for (Map.Entry<String, String> header : from) {
      String name = header.getKey();
      if (!isHopByHop(name) && !isNamed(connection, name)) {
        to.add(name, header.getValue());
      }
    }
  }

  private static boolean isHopByHop(String name) {
    // By length and first letter first: this runs for each header of each message.
    return switch (name.length()) {
      case 2, 7, 10, 16, 17, 18, 19 -> {
        char first = name.charAt(0);
        yield switch (first) {
          case 'c', 'C', 'k', 'K', 'p', 'P', 't', 'T', 'u', 'U' ->
              HOP_BY_HOP.contains(name.toLowerCase(Locale.ROOT));
          default -> false;
        };
      }
      default -> false;
    };
  }

  /** Whether the Connection header names this one as its own. */
  private static boolean isNamed(@Nullable String connection, String name) {
    if (connection == null
        || connection.equalsIgnoreCase("keep-alive")
        || connection.equalsIgnoreCase("close")) {
      return false;
    }
    for (String token : connection.split(",", -1)) {
      if (token.strip().equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }
}
