package dev.fareway.operator.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A headless Chromium with one page, told what to do by the DevTools protocol: no driver program
 * and no library is needed for the few commands that the tests use.
 */
final class Chromium implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final long PATIENCE_SECONDS = 30;

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Path profile;
  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger next = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

  /** What the browser complained of: violations of the policy, exceptions, failed requests. */
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  /** Where a browser is; empty if none is on the PATH. */
  static Optional<Path> find() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(":", -1))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  Chromium(Path program) throws Exception {
    profile = Files.createTempDirectory("fareway-chromium");
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                // The tests show it pages of their own only, and may run as root.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("log").toFile())
            .start();
    try {
      socket =
          http.newWebSocketBuilder()
              .buildAsync(page(port()), new Incoming())
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      for (String domain : List.of("Page.enable", "Runtime.enable", "Log.enable")) {
        var _ = command(domain, Map.of());
      }
    } catch (Exception e) {
      end();
      throw e;
    }
  }

  /** It writes the port that it has got into a file. */
  private int port() throws IOException, InterruptedException {
    Path file = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() - end < 0 && process.isAlive()) {
      if (Files.exists(file)) {
        List<String> lines = Files.readAllLines(file);
        if (lines.size() > 1) {
          return Integer.parseInt(lines.getFirst());
        }
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    throw new IOException("Chromium did not start: " + Files.readString(profile.resolve("log")));
  }

  private URI page(int port) throws Exception {
    JsonNode pages =
        json.readTree(
            http.send(
                    HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:%d/json/list".formatted(port)))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .body());
    for (JsonNode page : pages) {
      if ("page".equals(page.path("type").asText())) {
        return URI.create(page.path("webSocketDebuggerUrl").asText());
      }
    }
    throw new IOException("Chromium has no page: " + pages);
  }

  /** Sends a command and waits for its result. */
  JsonNode command(String method, Map<String, Object> parameters) throws Exception {
    int id = next.incrementAndGet();
    var answer = new CompletableFuture<JsonNode>();
    answers.put(id, answer);
    socket
        .sendText(
            json.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    JsonNode got = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (got.has("error")) {
      throw new IOException(method + ": " + got.path("error"));
    }
    return got.path("result");
  }

  /** Opens a page; what it holds is there some time after. */
  void open(URI page) throws Exception {
    complaints.clear();
    var _ = command("Page.navigate", Map.of("url", page.toString()));
  }

  /** The value of an expression in the page; waits for it if it is a promise. */
  JsonNode value(String expression) throws Exception {
    JsonNode result =
        command(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (result.has("exceptionDetails")) {
      throw new IOException(expression + ": " + result.path("exceptionDetails"));
    }
    return result.path("result").path("value");
  }

  /** Waits until an expression is true. */
  void await(String expression) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!value("Boolean(%s)".formatted(expression)).asBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "waited %d s in vain for %s; the page says: %s"
                .formatted(
                    PATIENCE_SECONDS, expression, value("document.body.innerText").asText()));
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** The page's size in CSS pixels. */
  void size(int width, int height) throws Exception {
    var _ =
        command(
            "Emulation.setDeviceMetricsOverride",
            Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** What the user has asked of pages, such as prefers-color-scheme: dark. */
  void prefers(Map<String, String> features) throws Exception {
    var list = new ArrayList<Map<String, String>>();
    features.forEach((name, value) -> list.add(Map.of("name", name, "value", value)));
    var _ = command("Emulation.setEmulatedMedia", Map.of("features", list));
  }

  /** Presses a key that is named as in KeyboardEvent.key. */
  void press(String key, int code) throws Exception {
    for (String type : List.of("rawKeyDown", "char", "keyUp")) {
      if (type.equals("char") && !key.equals("Enter")) {
        continue;
      }
      var _ =
          command(
              "Input.dispatchKeyEvent",
              Map.of(
                  "type",
                  type,
                  "key",
                  key,
                  "windowsVirtualKeyCode",
                  code,
                  "text",
                  type.equals("char") ? "\r" : ""));
    }
  }

  void type(String text) throws Exception {
    var _ = command("Input.insertText", Map.of("text", text));
  }

  /** Writes a picture of the whole page. */
  void picture(Path file) throws Exception {
    JsonNode size = command("Page.getLayoutMetrics", Map.of()).path("cssContentSize");
    JsonNode shot =
        command(
            "Page.captureScreenshot",
            Map.of(
                "captureBeyondViewport",
                true,
                "clip",
                Map.of(
                    "x",
                    0,
                    "y",
                    0,
                    "width",
                    size.path("width").asInt(),
                    "height",
                    Math.min(4_000, size.path("height").asInt()),
                    "scale",
                    1)));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, Base64.getDecoder().decode(shot.path("data").asText()));
  }

  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() throws IOException {
    socket.abort();
    end();
  }

  private void end() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    http.close();
    try (Stream<Path> files = Files.walk(profile)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private final class Incoming implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
      text.append(part);
      if (isLast) {
        String whole = text.toString();
        text.setLength(0);
        try {
          received(json.readTree(whole));
        } catch (IOException e) {
          complaints.add("not JSON: " + whole);
        }
      }
      from.request(1);
      return null;
    }

    private void received(JsonNode message) {
      CompletableFuture<JsonNode> answer = answers.remove(message.path("id").asInt());
      if (answer != null) {
        answer.complete(message);
      }
      switch (message.path("method").asText()) {
        case "Log.entryAdded" -> complaints.add(message.path("params").path("entry").toString());
        case "Runtime.exceptionThrown" -> complaints.add(message.path("params").toString());
        default -> {}
      }
    }
  }
}
