package dev.fareway.operator.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authentication.UserInfoBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsolePagesTest {
  private static final String STATE = "{\"format\":1}";

  private final HttpClient client = HttpClient.newHttpClient();
  private Vertx vertx;
  private volatile @Nullable String problem;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void state_isForEveryone_whereNobodyIsAskedFor() throws Exception {
    int port = serve(null);

    HttpResponse<String> answer = get(port, "/console/state");

    assertEquals(200, answer.statusCode());
    assertEquals(STATE, answer.body());
    assertEquals("application/json", header(answer, "Content-Type"));
    assertEquals("no-store", header(answer, "Cache-Control"));
  }

  @Test
  void state_isRefused_underANameThatIsNotThisMachines() throws Exception {
    int port = serve(null);

    assertEquals("HTTP/1.1 421 Misdirected Request", statusLine(port, "evil.example"));
    assertEquals("HTTP/1.1 200 OK", statusLine(port, "localhost:" + port));
  }

  @Test
  void state_isUnavailable_whenItIsNotKnown() throws Exception {
    problem = "placing does not run";
    int port = serve(null);

    HttpResponse<String> answer = get(port, "/console/state");

    assertEquals(503, answer.statusCode());
    assertTrue(answer.body().contains("placing does not run"));
  }

  @Test
  void state_asksForAToken() throws Exception {
    int port = serve(viewers());

    HttpResponse<String> answer = get(port, "/console/state");

    assertEquals(401, answer.statusCode());
    assertEquals("Bearer", header(answer, "WWW-Authenticate"));
    assertFalse(answer.body().contains("format"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic YWxpY2U6", "Bearer a b", "Bearer ", "Bearer nobody", "alice"})
  void state_isRefused_toWhoShowsSomethingElse(String header) throws Exception {
    int port = serve(viewers());

    assertEquals(401, get(port, "/console/state", "Authorization", header).statusCode());
  }

  @Test
  void state_isForThoseWhoMayReadIt() throws Exception {
    int port = serve(viewers());

    assertEquals(STATE, get(port, "/console/state", "Authorization", "Bearer alice").body());
    HttpResponse<String> refused = get(port, "/console/state", "Authorization", "Bearer mallory");
    assertEquals(403, refused.statusCode());
    assertTrue(refused.body().contains("mallory may not get /console/state"));
  }

  @Test
  void session_makesACookieThatNoScriptCanRead_andThatOpensTheState() throws Exception {
    int port = serve(viewers());

    HttpResponse<String> signedIn =
        client.send(
            request(port, "/console/session").POST(BodyPublishers.ofString("alice\n")).build(),
            BodyHandlers.ofString());

    assertEquals(204, signedIn.statusCode());
    String cookie = header(signedIn, "Set-Cookie");
    for (String part : List.of("HTTPOnly", "SameSite=Strict", "Path=/console/", "Secure")) {
      assertTrue(cookie.contains(part), cookie);
    }
    String pair = cookie.substring(0, cookie.indexOf(';'));
    assertEquals(STATE, get(port, "/console/state", "Cookie", pair).body());
  }

  @Test
  void session_isNotGiven_toWhoMayNotRead() throws Exception {
    int port = serve(viewers());

    for (String token : new String[] {"mallory", "nobody", "<script>", "", "x".repeat(5_000)}) {
      HttpResponse<String> answer =
          client.send(
              request(port, "/console/session").POST(BodyPublishers.ofString(token)).build(),
              BodyHandlers.ofString());
      assertTrue(answer.statusCode() >= 400 && answer.statusCode() <= 403, token);
      assertEquals("", header(answer, "Set-Cookie"));
    }
  }

  @Test
  void session_isRefused_whenTheTokenIsEndless() throws Exception {
    int port = serve(viewers());

    HttpResponse<String> answer =
        client.send(
            request(port, "/console/session")
                .POST(BodyPublishers.ofString("x".repeat(1 << 20)))
                .build(),
            BodyHandlers.ofString());

    assertEquals(413, answer.statusCode());
  }

  @Test
  void session_ends() throws Exception {
    int port = serve(viewers());

    HttpResponse<String> answer =
        client.send(request(port, "/console/session").DELETE().build(), BodyHandlers.ofString());

    assertTrue(header(answer, "Set-Cookie").contains("Max-Age=0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/console/", "/console/console.js", "/console/console.css"})
  void page_allowsNothingButItsOwnFiles(String path) throws Exception {
    int port = serve(viewers());

    HttpResponse<String> answer = get(port, path);

    assertEquals(200, answer.statusCode());
    String policy = header(answer, "Content-Security-Policy");
    for (String part : List.of("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'")) {
      assertTrue(policy.contains(part), policy);
    }
    assertFalse(policy.contains("unsafe"), policy);
    assertEquals("nosniff", header(answer, "X-Content-Type-Options"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/console/../package-info.class", "/console/nothing", "/q/metrics", "/console//"})
  void anythingElse_isNotThere(String path) throws Exception {
    int port = serve(viewers());

    assertEquals(404, get(port, path).statusCode());
  }

  @Test
  void root_leadsToThePage() throws Exception {
    int port = serve(null);

    HttpResponse<String> answer = get(port, "/");

    assertEquals(302, answer.statusCode());
    assertEquals("/console/", header(answer, "Location"));
  }

  @Test
  void writing_isRefused() throws Exception {
    int port = serve(null);

    HttpResponse<String> answer =
        client.send(
            request(port, "/console/state").POST(BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());

    assertEquals(405, answer.statusCode());
  }

  private byte[] state() throws IOException {
    String now = problem;
    if (now != null) {
      throw new IOException(now);
    }
    return STATE.getBytes(UTF_8);
  }

  private int serve(@Nullable Viewers viewers) throws Exception {
    var pages = new ConsolePages(vertx, this::state, viewers, viewers != null);
    return vertx
        .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
        .requestHandler(pages::handle)
        .listen()
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS)
        .actualPort();
  }

  /** Tokens are names; alice may read. */
  private static Viewers viewers() {
    return new Viewers(
        new Reviews() {
          @Override
          public Optional<UserInfo> who(String token) {
            return token.equals("nobody")
                ? Optional.empty()
                : Optional.of(new UserInfoBuilder().withUsername(token).build());
          }

          @Override
          public boolean mayRead(UserInfo user) {
            return "alice".equals(user.getUsername());
          }
        },
        System::nanoTime);
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static HttpRequest.Builder request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> get(int port, String path, String... headers) throws Exception {
    HttpRequest.Builder request = request(port, path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static String statusLine(int port, String host) throws IOException {
    String request = "GET /console/state HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(host);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(UTF_8));
      var line = new StringBuilder();
      for (int c = socket.getInputStream().read();
          c >= 0 && c != '\r';
          c = socket.getInputStream().read()) {
        line.append((char) c);
      }
      return line.toString();
    }
  }
}
