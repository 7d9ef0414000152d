package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import dev.fareway.node.core.Backoff;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A copy of one of the API server's collections, kept true by list and watch. While the API server
 * is away the last that it said stays.
 *
 * <p>One thread of its own lists and watches; what it holds may be read from any. It goes on from
 * the last version it has seen (bookmarks move that along), and lists anew only when the API server
 * no longer knows that version (410 Gone).
 *
 * @param <T> what is kept of an object
 */
final class Reflector<T> implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Reflector.class.getName());
  private static final Backoff BACKOFF = new Backoff(200, 30_000);
  private static final int WATCH_SECONDS = 300;
  private static final Duration MORE_SILENCE = Duration.ofSeconds(30);
  private static final long SHORT_NANOS = Duration.ofSeconds(5).toNanos();

  /**
   * Which collection, and what of it.
   *
   * @param name for logs
   * @param path of the collection
   * @param selector as a query, such as {@code fieldSelector=...}; empty: all
   * @param accept the form to ask for
   */
  record Source<T>(
      String name, String path, String selector, String accept, ApiClient.Reader<Item<T>> reader) {}

  /**
   * An object.
   *
   * @param key by which it is known, unique in the collection
   * @param version its resource version
   * @param value null: it is not kept
   */
  record Item<T>(String key, String version, @Nullable T value) {}

  private final ApiClient client;
  private final Source<T> source;
  private final Runnable changed;
  private final RandomGenerator random;
  private final Thread thread;
  private final Map<String, T> items = new ConcurrentHashMap<>();
  private String version = "";
  private volatile boolean listed;
  private volatile boolean closed;
  private volatile ApiClient.@Nullable Stream stream;

  /**
   * One that is not yet started.
   *
   * @param changed called after every change, on this reflector's thread: must not block
   */
  Reflector(ApiClient client, Source<T> source, Runnable changed, RandomGenerator random) {
    this.client = client;
    this.source = source;
    this.changed = changed;
    this.random = random;
    this.thread = Thread.ofPlatform().name("watch-" + source.name).daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Whether everything was seen once. */
  boolean isListed() {
    return listed;
  }

  Collection<T> all() {
    return items.values();
  }

  Optional<T> get(String key) {
    return Optional.ofNullable(items.get(key));
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    ApiClient.Stream open = stream;
    if (open != null) {
      open.close();
    }
  }

  private void run() {
    int failures = 0;
    while (!closed) {
      long start = System.nanoTime();
      try {
        if (version.isEmpty()) {
          list();
        }
        watch();
        // Ended by the server, as agreed; at once, and again at once, it is not well.
        failures = System.nanoTime() - start < SHORT_NANOS ? failures + 1 : 0;
      } catch (ApiException e) {
        if (e.code() == ApiException.GONE) {
          version = "";
        } else if (!closed) {
          complain(failures, e);
        }
        failures++;
      } catch (IOException | RuntimeException e) {
        failures = System.nanoTime() - start < SHORT_NANOS ? failures : 0;
        if (!closed && !isEndOfStream(e)) {
          complain(failures, e);
        }
        failures++;
      }
      if (failures > 0) {
        pause(BACKOFF.millis(failures, random));
      }
    }
  }

  /** What happens to every long stream now and then: not worth a word. */
  private static boolean isEndOfStream(Exception e) {
    return e instanceof EOFException || e instanceof SocketTimeoutException;
  }

  private void complain(int failures, Exception e) {
    // Once, and then rarely: the API server may be away for hours.
    if (failures % 20 == 0) {
      LOG.log(
          Level.WARNING,
          "Watching {0} failed, trying again; what was last known stays in force: {1}",
          new Object[] {source.name, e instanceof RuntimeException ? e : e.getMessage()});
    }
  }

  private void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  // --- listing

  private void list() throws IOException {
    var found = new HashMap<String, T>();
    String listVersion = "";
    String next = "";
    do {
      var page = new Page<T>(found);
      client.get(
          source.path + query("limit=500", next.isEmpty() ? "" : "continue=" + next),
          source.accept.isEmpty() ? ApiClient.JSON : listAccept(),
          at -> {
            page.read(at, source.reader);
            return page;
          });
      listVersion = page.version;
      next = ApiClient.encoded(page.next);
    } while (!next.isEmpty());
    items.keySet().retainAll(found.keySet());
    items.putAll(found);
    version = listVersion;
    listed = true;
    changed.run();
  }

  private String listAccept() {
    return source.accept.replace("as=PartialObjectMetadata;", "as=PartialObjectMetadataList;");
  }

  private static final class Page<T> {
    private final Map<String, T> into;
    private String version = "";
    private String next = "";

    Page(Map<String, T> into) {
      this.into = into;
    }

    void read(JsonParser at, ApiClient.Reader<Item<T>> reader) throws IOException {
      Json.object(
          at,
          (name, value) -> {
            switch (name) {
              case "metadata" ->
                  Json.object(
                      value,
                      (field, meta) -> {
                        switch (field) {
                          case "resourceVersion" -> version = Json.textOrEmpty(meta);
                          case "continue" -> next = Json.textOrEmpty(meta);
                          default -> {}
                        }
                      });
              case "items" ->
                  Json.array(
                      value,
                      element -> {
                        Item<T> item = reader.read(element);
                        if (item.value() != null) {
                          into.put(item.key(), item.value());
                        }
                      });
              default -> {}
            }
          });
    }
  }

  // --- watching

  private void watch() throws IOException {
    // Not all at the same time: watches that begin together would end together.
    int seconds = WATCH_SECONDS + random.nextInt(WATCH_SECONDS);
    String query =
        query(
            "watch=true&allowWatchBookmarks=true&timeoutSeconds=" + seconds,
            "resourceVersion=" + ApiClient.encoded(version));
    try (var open =
        client.watch(
            source.path + query,
            source.accept.isEmpty() ? ApiClient.JSON : source.accept,
            Duration.ofSeconds(seconds).plus(MORE_SILENCE))) {
      stream = open;
      if (!closed) {
        open.readEach(this::event);
      }
    } finally {
      stream = null;
    }
  }

  private String query(String first, String second) {
    var query = new StringBuilder("?").append(first);
    for (String more : List.of(second, source.selector)) {
      if (!more.isEmpty()) {
        query.append('&').append(more);
      }
    }
    return query.toString();
  }

  private void event(JsonParser at) throws IOException {
    var event = new Event<T>();
    Json.object(
        at,
        (name, value) -> {
          if (name.equals("type")) {
            event.type = Json.textOrEmpty(value);
          } else if (name.equals("object")) {
            // The type comes first from the API server; where not, it is no error, or one of which
            // nothing is known but that.
            if (event.type.equals("ERROR")) {
              event.error.read(value);
            } else {
              event.item = source.reader.read(value);
            }
          }
        });
    Item<T> item = event.item;
    if (event.type.equals("ERROR")) {
      throw new ApiException(
          event.error.code == 0 ? ApiException.GONE : event.error.code,
          event.error.reason,
          event.error.message);
    }
    if (item == null) {
      throw new IOException("an event of type '%s' without an object".formatted(event.type));
    }
    T value = item.value();
    switch (event.type) {
      case "ADDED", "MODIFIED" -> {
        if (value == null) {
          items.remove(item.key());
        } else {
          items.put(item.key(), value);
        }
        version = item.version();
        changed.run();
      }
      case "DELETED" -> {
        items.remove(item.key());
        version = item.version();
        changed.run();
      }
      case "BOOKMARK" -> version = item.version();
      // Of a later version: not for us.
      default -> {}
    }
  }

  private static final class Event<T> {
    private String type = "";
    private final ApiClient.StatusObject error = new ApiClient.StatusObject();
    private @Nullable Item<T> item;
  }
}
