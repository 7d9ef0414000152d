package dev.fareway.e2e.function;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The call that a function makes for each of its requests. */
final class FunctionCall {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final HttpClient client;
  private final URI uri;
  private final String host;

  private FunctionCall(HttpClient client, URI uri, String host) {
    this.client = client;
    this.uri = uri;
    this.host = host;
  }

  /** The one that the environment describes, if any. */
  static Optional<FunctionCall> of(Map<String, String> environment) {
    String uri = environment.get("FUNCTION_CALLS");
    if (uri == null) {
      return Optional.empty();
    }
    // Read once, when the client's classes load.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(BOUND).build();
    return Optional.of(
        new FunctionCall(
            client, URI.create(uri), environment.getOrDefault("FUNCTION_CALLS_HOST", "")));
  }

  /** Calls, and returns the answer's status. */
  int call(@Nullable String baggage) throws IOException {
    var request = HttpRequest.newBuilder(uri).timeout(BOUND);
    if (!host.isEmpty()) {
      request.header("Host", host);
    }
    if (baggage != null) {
      request.header("baggage", baggage);
    }
    try {
      return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while calling " + uri, e);
    }
  }
}
