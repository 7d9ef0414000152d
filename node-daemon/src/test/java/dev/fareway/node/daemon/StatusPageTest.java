package dev.fareway.node.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StatusPageTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final AtomicBoolean ready = new AtomicBoolean();

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static HttpResponse<String> get(int port, String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .timeout(Duration.ofSeconds(10))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void readyz_turnsWithReadiness() throws Exception {
    int port = freePort();
    try (var _ = new StatusPage(LOOPBACK, port, ready::get, () -> "")) {
      assertEquals(200, get(port, "/healthz").statusCode());
      assertEquals(503, get(port, "/readyz").statusCode());
      ready.set(true);
      assertEquals(200, get(port, "/readyz").statusCode());
      assertEquals(404, get(port, "/other").statusCode());
    }
  }

  @Test
  void metrics_areInPrometheusTextFormat() throws Exception {
    int port = freePort();
    String text = Metrics.render("1.0", "RealTime", 3, 1, 40, 0, 2);
    try (var _ = new StatusPage(LOOPBACK, port, ready::get, () -> text)) {
      HttpResponse<String> response = get(port, "/metrics");

      assertEquals(
          "text/plain; version=0.0.4; charset=utf-8",
          response.headers().firstValue("Content-Type").orElse(""));
      assertTrue(response.body().contains("\nfareway_node_function_pods 3\n"), response.body());
      assertWellFormed(response.body());
    }
  }

  private static void assertWellFormed(String text) {
    Set<String> described = new HashSet<>();
    Set<String> typed = new HashSet<>();
    Pattern sample =
        Pattern.compile("([a-z_]+)(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? [0-9.]+");
    for (String line : text.lines().toList()) {
      if (line.startsWith("# HELP ")) {
        described.add(line.split(" ", 4)[2]);
      } else if (line.startsWith("# TYPE ")) {
        typed.add(line.split(" ", 4)[2]);
      } else {
        var matcher = sample.matcher(line);
        assertTrue(matcher.matches(), line);
        assertTrue(described.contains(matcher.group(1)), line);
        assertTrue(typed.contains(matcher.group(1)), line);
      }
    }
  }

  @Test
  void start_saysWhatToDo_whenThePortIsTaken() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = socket.getLocalPort();

      var failure =
          assertThrows(
              IOException.class,
              () -> new StatusPage(LOOPBACK, port, ready::get, () -> "").close());

      assertTrue(failure.toString().contains("--status-port"), failure::toString);
    }
  }
}
