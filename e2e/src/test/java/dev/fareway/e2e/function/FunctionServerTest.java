package dev.fareway.e2e.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionServerTest {
  private static FunctionServer server;
  private static HttpClient client;

  @BeforeAll
  static void start() throws Exception {
    server =
        FunctionServer.start(
            "home-page", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 2);
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.stop();
  }

  private static HttpResponse<String> get(String pathAndQuery) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + pathAndQuery);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 500, 20_000})
  void request_burnsTheCpuTimeItAsksFor(int micros) throws Exception {
    HttpResponse<String> response = get("/?cpu-micros=" + micros);

    assertEquals(200, response.statusCode());
    JsonNode answer = new ObjectMapper().readTree(response.body());
    assertEquals("home-page", answer.path("function").asText());
    assertEquals(micros, answer.path("cpuMicros").asInt());
    assertTrue(answer.path("burntMicros").asLong() >= micros, response::body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/?micros=1",
        "/?cpu-micros=",
        "/?cpu-micros=-1",
        "/?cpu-micros=1.5",
        "/?cpu-micros=10000001",
        "/?cpu-micros=99999999999999999999"
      })
  void badRequest_isRefusedInWords(String pathAndQuery) throws Exception {
    HttpResponse<String> response = get(pathAndQuery);

    assertEquals(400, response.statusCode());
    String error = new ObjectMapper().readTree(response.body()).path("error").asText();
    assertTrue(error.contains("cpu-micros"), response::body);
  }

  @Test
  void healthz_answers() throws Exception {
    assertEquals(200, get("/healthz").statusCode());
  }
}
