package dev.fareway.e2e.machine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * As much of an API server as a node daemon needs, small enough for a node of its own: its objects
 * are the files of a folder, {@code pods/}, {@code priceclasses/} and {@code namespaces/}, read
 * again and again; where there is a folder {@code nodeusages/}, it keeps those. Evictions and
 * events are taken and written down; an evicted pod stays, as if its kubelet were very slow.
 */
public final class NodeApi {
  private static final long LOOK_MILLIS = 300;

  private NodeApi() {}

  /** Serves: a folder and a port. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])), 16);
    server.createContext("/", exchange -> answer(folder, exchange));
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }

  private static void answer(Path folder, HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      String path = exchange.getRequestURI().getPath();
      String query = String.valueOf(exchange.getRequestURI().getQuery());
      if (method.equals("POST")) {
        String what = path.endsWith("/eviction") ? "evictions" : "events";
        append(
            folder.resolve(what + ".log"),
            new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        reply(exchange, 201, "{}");
        return;
      }
      Path usage = folder.resolve("nodeusages");
      if (path.contains("/nodeusages/")) {
        if (Files.isDirectory(usage)) {
          usage(usage, path.substring(path.indexOf("/nodeusages/") + 12), method, exchange);
        } else {
          exchange.getRequestBody().readAllBytes();
          // What is written is taken, and nothing of it kept.
          reply(exchange, method.equals("GET") ? 404 : 200, "{}");
        }
        return;
      }
      Path objects = folder.resolve(path.substring(path.lastIndexOf('/') + 1));
      if (!Files.isDirectory(objects)) {
        exchange.getRequestBody().readAllBytes();
        reply(exchange, 200, "{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"1\"}}");
      } else if (query.contains("watch=true")) {
        watch(objects, exchange);
      } else {
        reply(
            exchange,
            200,
            "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[%s]}"
                .formatted(String.join(",", read(objects).values())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** An object's status, with all else that is known of it, replaces what is there. */
  private static void usage(Path objects, String name, String method, HttpExchange exchange)
      throws IOException {
    String status = "/status";
    boolean isStatus = name.endsWith(status);
    Path file =
        objects.resolve(
            (isStatus ? name.substring(0, name.length() - status.length()) : name) + ".json");
    String sent = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    if (!Files.exists(file) && (isStatus || method.equals("GET"))) {
      reply(exchange, 404, "{\"kind\":\"Status\",\"code\":404,\"reason\":\"NotFound\"}");
      return;
    }
    if (!method.equals("GET")) {
      // Whole or not at all, also when the server is killed.
      Path written = Files.writeString(objects.resolve(file.getFileName() + ".new"), sent);
      Files.move(written, file, REPLACE_EXISTING, ATOMIC_MOVE);
    }
    reply(exchange, 200, Files.readString(file));
  }

  /** Begins with all that is there: whoever watches has listed before, and takes it twice. */
  private static void watch(Path objects, HttpExchange exchange)
      throws IOException, InterruptedException {
    exchange.sendResponseHeaders(200, 0);
    Map<String, String> known = new HashMap<>();
    while (true) {
      Map<String, String> now = read(objects);
      for (var one : now.entrySet()) {
        if (!one.getValue().equals(known.get(one.getKey()))) {
          event(exchange, "MODIFIED", one.getValue());
        }
      }
      for (var one : known.entrySet()) {
        if (!now.containsKey(one.getKey())) {
          event(exchange, "DELETED", one.getValue());
        }
      }
      known = now;
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static void event(HttpExchange exchange, String type, String object) throws IOException {
    exchange
        .getResponseBody()
        .write("{\"type\":\"%s\",\"object\":%s}\n".formatted(type, object).getBytes(UTF_8));
    exchange.getResponseBody().flush();
  }

  private static Map<String, String> read(Path objects) throws IOException {
    var found = new HashMap<String, String>();
    try (var files = Files.newDirectoryStream(objects, "*.json")) {
      for (Path file : files) {
        try {
          found.put(file.getFileName().toString(), Files.readString(file).replace('\n', ' '));
        } catch (java.nio.file.NoSuchFileException e) {
          // Deleted between.
        }
      }
    }
    return found;
  }

  private static synchronized void append(Path file, String line) throws IOException {
    Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
