package dev.fareway.node.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What goes over the wire, to an API server that knows one node. */
class NodeConditionWriterTest {

  private static final String EARLIER = "2026-01-01T00:00:00Z";
  private static final String READY = "{\"type\":\"Ready\",\"status\":\"True\"}";

  private final ObjectMapper json = new ObjectMapper();
  private final BlockingQueue<String> patches = new LinkedBlockingQueue<>();
  private final HttpServer server;
  private final ApiClient client;
  private final NodeConditionWriter writer;
  private volatile String status = "";

  NodeConditionWriterTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.createContext("/api/v1/nodes/node-1", this::answer);
    server.start();
    client =
        new ApiClient(
            new ApiAccess(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                null,
                new Token.None()));
    writer =
        new NodeConditionWriter(
            client,
            "node-1",
            Clock.fixed(Instant.parse("2026-02-02T00:00:00.123Z"), ZoneOffset.UTC));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (exchange.getRequestMethod().equals("PATCH")) {
        patches.add(
            exchange.getRequestURI().getPath()
                + "\n"
                + exchange.getRequestHeaders().getFirst("Content-Type")
                + "\n"
                + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      }
      byte[] body =
          "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"node-1\"}%s}"
              .formatted(status)
              .getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private void conditions(String... conditions) {
    status = ",\"status\":{\"conditions\":[%s]}".formatted(String.join(",", conditions));
  }

  private static String condition(String status, String transition) {
    return "{\"type\":\"FarewayEnforcement\",\"status\":\"%s\",\"reason\":\"RealTime\",\"lastTransitionTime\":\"%s\"}"
        .formatted(status, transition);
  }

  private JsonNode written() throws Exception {
    String[] request = patches.take().split("\n", 3);
    assertEquals("/api/v1/nodes/node-1/status", request[0]);
    assertEquals("application/json-patch+json", request[1]);
    return json.readTree(request[2]);
  }

  @Test
  void write_appends_whenThereIsNoneYet() throws Exception {
    conditions(READY);

    writer.write(true, "RealTime", "Because.");

    JsonNode steps = written();
    assertEquals(1, steps.size());
    assertEquals("add", steps.get(0).get("op").asText());
    assertEquals("/status/conditions/-", steps.get(0).get("path").asText());
    JsonNode value = steps.get(0).get("value");
    assertEquals("FarewayEnforcement", value.get("type").asText());
    assertEquals("True", value.get("status").asText());
    assertEquals("RealTime", value.get("reason").asText());
    assertEquals("Because.", value.get("message").asText());
    assertEquals("2026-02-02T00:00:00Z", value.get("lastTransitionTime").asText());
  }

  @Test
  void write_replacesItsOwnOnly_andKeepsTheTransition_whenTheStatusIsTheSame() throws Exception {
    conditions(READY, condition("True", EARLIER));

    writer.write(true, "Weighted", "Because.");

    JsonNode steps = written();
    assertEquals("test", steps.get(0).get("op").asText());
    assertEquals("/status/conditions/1/type", steps.get(0).get("path").asText());
    assertEquals("FarewayEnforcement", steps.get(0).get("value").asText());
    assertEquals("replace", steps.get(1).get("op").asText());
    assertEquals("/status/conditions/1", steps.get(1).get("path").asText());
    assertEquals(EARLIER, steps.get(1).get("value").get("lastTransitionTime").asText());
  }

  @Test
  void write_movesTheTransition_whenTheStatusChanges() throws Exception {
    conditions(condition("True", EARLIER));

    writer.write(false, "DryRun", "Because.");

    assertEquals(
        "2026-02-02T00:00:00Z", written().get(1).get("value").get("lastTransitionTime").asText());
  }

  @Test
  void write_makesTheList_whenThereIsNone() throws Exception {
    conditions();
    writer.write(true, "RealTime", "Because.");
    assertEquals("/status/conditions", written().get(0).get("path").asText());

    status = "";
    writer.write(true, "RealTime", "Because.");
    assertEquals("/status", written().get(0).get("path").asText());
  }

  @Test
  void remove_takesItsOwnOnly_andNothingWhereThereIsNone() throws Exception {
    conditions(READY);
    writer.remove();
    assertEquals(0, patches.size());

    conditions(READY, condition("True", EARLIER));
    writer.remove();

    JsonNode steps = written();
    assertEquals("test", steps.get(0).get("op").asText());
    assertEquals("/status/conditions/1/type", steps.get(0).get("path").asText());
    assertEquals("remove", steps.get(1).get("op").asText());
    assertEquals("/status/conditions/1", steps.get(1).get("path").asText());
  }

  @Test
  void write_fails_whenThereIsNoSuchNode() {
    var other = new NodeConditionWriter(client, "node-2", Clock.systemUTC());

    assertThrows(ApiException.class, () -> other.write(true, "RealTime", "Because."));
  }
}
