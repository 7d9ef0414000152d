package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Asks the API server, one request per connection. Thread-safe.
 *
 * <p>It knows no types: who asks reads the answer from the stream.
 */
public final class ApiClient {
  static final String JSON = "application/json";
  static final String JSON_PATCH = "application/json-patch+json";
  static final String APPLY_PATCH = "application/apply-patch+yaml";

  /** Who sets what, in server-side apply, and who reports events. */
  static final String COMPONENT = "fareway-node-daemon";

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final long MAX_ERROR = 64 * 1024;

  private final ApiAccess access;

  public ApiClient(ApiAccess access) {
    this.access = access;
  }

  /** Reads an answer from its first token on. */
  interface Reader<T> {
    T read(JsonParser at) throws IOException;
  }

  /** Reads what is at a path. */
  <T> T get(String path, Reader<T> reader) throws IOException {
    return get(path, JSON, reader);
  }

  <T> T get(String path, String accept, Reader<T> reader) throws IOException {
    try (Stream stream = open("GET", path, accept, null, null)) {
      return stream.read(reader);
    }
  }

  /** Sends, and leaves the answer unread if it is a good one. */
  void send(String method, String path, String contentType, byte[] body) throws IOException {
    open(method, path, JSON, contentType, body).close();
  }

  /**
   * Opens a stream of events.
   *
   * @param silenceLimit how long nothing may come before the stream counts as broken
   */
  Stream watch(String path, String accept, Duration silenceLimit) throws IOException {
    Stream stream = open("GET", path, accept, null, null);
    try {
      stream.connection.silenceLimit(silenceLimit);
      return stream;
    } catch (IOException e) {
      stream.close();
      throw e;
    }
  }

  private Stream open(
      String method,
      String path,
      String accept,
      @Nullable String contentType,
      byte @Nullable [] body)
      throws IOException {
    HttpConnection connection = HttpConnection.open(access, LIMIT);
    try {
      var answer =
          connection.send(
              method, access.basePath() + path, accept, access.token().value(), contentType, body);
      if (answer.status() < 200 || answer.status() > 299) {
        throw refusal(answer);
      }
      return new Stream(connection, answer.body());
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static ApiException refusal(HttpConnection.Answer answer) {
    var status = new StatusObject();
    try (JsonParser parser = Json.FACTORY.createParser(answer.body().readNBytes((int) MAX_ERROR))) {
      parser.nextToken();
      status.read(parser);
    } catch (IOException e) {
      // Something before the API server has answered: the number must do.
    }
    return new ApiException(answer.status(), status.reason, status.message);
  }

  /** The API server's word on what went wrong, {@code Status}. */
  static final class StatusObject {
    int code;
    String reason = "";
    String message = "";

    void read(JsonParser at) throws IOException {
      Json.object(
          at,
          (name, value) -> {
            switch (name) {
              case "code" -> {
                Long number = Json.number(value);
                code = number == null ? 0 : number.intValue();
              }
              case "reason" -> reason = Json.textOrEmpty(value);
              case "message" -> message = Json.textOrEmpty(value);
              default -> {}
            }
          });
    }
  }

  /** An answer that is being read. Closing it breaks it off, also from another thread. */
  static final class Stream implements AutoCloseable {
    private final HttpConnection connection;
    private final InputStream body;

    private Stream(HttpConnection connection, InputStream body) {
      this.connection = connection;
      this.body = body;
    }

    <T> T read(Reader<T> reader) throws IOException {
      try (JsonParser parser = Json.FACTORY.createParser(body)) {
        parser.nextToken();
        return reader.read(parser);
      }
    }

    /** Reads one value after the other until the stream ends. */
    void readEach(Json.Element element) throws IOException {
      try (JsonParser parser = Json.FACTORY.createParser(body)) {
        for (JsonToken next = parser.nextToken(); next != null; next = parser.nextToken()) {
          element.read(parser);
        }
      }
    }

    @Override
    public void close() {
      connection.close();
    }
  }

  /** A value as part of a path or query. */
  static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
