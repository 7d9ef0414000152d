package dev.fareway.activator.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a request as a pod gets them: the caller's, without those of its connection and
 * with what the activator has to say.
 */
final class ForwardedHeaders {
  private static final CharSequence ORIGINAL_HOST = HttpHeaders.createOptimized("K-Original-Host");
  private static final CharSequence PROXY = HttpHeaders.createOptimized("K-Proxy-Request");
  private static final CharSequence SELF = HttpHeaders.createOptimized("activator");
  private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("X-Forwarded-For");
  private static final CharSequence BAGGAGE = HttpHeaders.createOptimized("baggage");
  private static final CharSequence TE = HttpHeaders.createOptimized("te");
  private static final CharSequence TRAILERS = HttpHeaders.createOptimized("trailers");

  private final boolean isKnative;

  /** For pods with a queue-proxy in front, or without one. */
  ForwardedHeaders(boolean isKnative) {
    this.isKnative = isKnative;
  }

  /** Takes one header. */
  @FunctionalInterface
  interface Sink {
    void add(CharSequence name, CharSequence value);
  }

  /**
   * Hands all over but the host and what says how the body is framed other than by its length.
   *
   * @param host what the caller takes the activator for; null if it didn't say
   * @param baggage class, proof and the caller's own
   */
  void write(HttpServerRequest request, @Nullable String host, String baggage, Sink to) {
    MultiMap headers = request.headers();
    String connection = headers.get(HttpHeaders.CONNECTION);
    boolean hasOriginalHost = false;
    boolean takesTrailers = false;
    String before = null;
    for (Map.Entry<String, String> header : headers) {
      String name = header.getKey();
      String value = header.getValue();
      switch (kind(name)) {
        case ACTIVATORS -> {
          continue;
        }
        case FORWARDED -> {
          before = before == null ? value : before + ", " + value;
          continue;
        }
        case TE -> takesTrailers |= value.contains("trailers");
        case ORIGINAL_HOST -> hasOriginalHost = true;
        case OTHER -> {}
      }
      if (Headers.goesThrough(name, connection)) {
        to.add(name, value);
      }
    }
    if (takesTrailers) {
      to.add(TE, TRAILERS);
    }
    if (isKnative) {
      if (!hasOriginalHost && host != null) {
        to.add(ORIGINAL_HOST, host);
      }
      to.add(PROXY, SELF);
    }
    String caller = request.remoteAddress() == null ? null : request.remoteAddress().host();
    if (caller != null) {
      before = before == null ? caller : before + ", " + caller;
    }
    if (before != null) {
      to.add(FORWARDED_FOR, before);
    }
    to.add(BAGGAGE, baggage);
  }

  private enum Kind {
    ACTIVATORS,
    FORWARDED,
    ORIGINAL_HOST,
    TE,
    OTHER
  }

  private Kind kind(String name) {
    // By length first: this runs for each header of each request.
    return switch (name.length()) {
      case 2 -> Headers.is(name, "te") ? Kind.TE : Kind.OTHER;
      case 4 -> ours(name, "host");
      case 6 -> ours(name, "expect");
      case 7 -> ours(name, "baggage");
      case 15 -> {
        if (Headers.is(name, "x-forwarded-for")) {
          yield Kind.FORWARDED;
        }
        if (Headers.is(name, "k-original-host")) {
          yield Kind.ORIGINAL_HOST;
        }
        yield isKnative ? ours(name, "k-proxy-request") : Kind.OTHER;
      }
      case 24 -> ours(name, "knative-serving-revision");
      case 25 -> ours(name, "knative-serving-namespace");
      default -> Kind.OTHER;
    };
  }

  private static Kind ours(String name, String wanted) {
    return Headers.is(name, wanted) ? Kind.ACTIVATORS : Kind.OTHER;
  }
}
