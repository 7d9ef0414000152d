package dev.fareway.operator.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authentication.UserInfoBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page as people see it, in a real browser. Pictures of it go to {@code target/console}. */
@NullUnmarked
@Timeout(180)
class ConsoleInBrowserTest {
  private static final Path PICTURES = Path.of("target", "console");

  private static Chromium browser;
  private static Vertx vertx;
  private final ObjectMapper json = new ObjectMapper();
  private HttpServer server;
  private volatile ConsoleState state = SampleState.of(12);
  private volatile boolean down;

  @BeforeAll
  static void startBrowser() throws Exception {
    Optional<Path> program = Chromium.find();
    assumeTrue(
        program.isPresent(), "no Chromium is on the PATH: install Debian's package chromium");
    browser = new Chromium(program.get());
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopBrowser() throws Exception {
    if (browser != null) {
      browser.close();
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  @BeforeEach
  void plain() throws Exception {
    browser.size(1280, 900);
    browser.prefers(Map.of("prefers-color-scheme", "light"));
  }

  @AfterEach
  void stop() throws Exception {
    browser.open(URI.create("about:blank"));
    if (server != null) {
      server.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void page_showsEverySection() throws Exception {
    open(null);

    assertEquals(List.of("interactive", "standard", "batch"), names("classes"));
    assertEquals("2 µ", cell("classes", 0, 1));
    assertEquals("7", cell("classes", 2, 4));
    assertEquals("resize-0", names("waiting").getFirst());
    assertTrue(cell("waiting", 0, 4).contains("64 CPUs"));
    assertEquals(4, rows("decisions"));
    assertTrue(cell("decisions", 0, 1).contains("Placed"));
    assertEquals(4, rows("shards"));
    assertEquals("nobody holds it", cell("shards", 3, 1));
    assertEquals(12, rows("nodes"));
    // Who needs attention comes first.
    assertEquals(List.of("node-0", "node-1", "node-2"), names("nodes").subList(0, 3));
    assertTrue(text("nodes").contains("by weight"));
    assertTrue(cell("nodes", 3, 3).contains("GiB"));
    assertEquals("shop", names("budgets").getFirst());
    assertTrue(cell("budgets", 0, 1).contains("exhausted"));
    assertEquals("Fareway · 9 waiting", browser.value("document.title").asText());
    assertEquals(List.of(), browser.complaints());
  }

  @ParameterizedTest
  @CsvSource({
    "1280, light, no-preference",
    "1280, dark, no-preference",
    "400, light, reduce",
    "400, dark, reduce"
  })
  void page_hasNoFlawForThoseWhoSeeLessOrUseNoMouse(int width, String scheme, String motion)
      throws Exception {
    browser.size(width, 900);
    browser.prefers(Map.of("prefers-color-scheme", scheme, "prefers-reduced-motion", motion));
    open(null);
    browser.picture(PICTURES.resolve("console-%d-%s.png".formatted(width, scheme)));

    assertTrue(
        browser.value("document.documentElement.scrollWidth").asInt() <= width,
        "nothing is wider than the window");
    var _ = browser.value(axe() + "; 0");
    JsonNode found =
        browser.value(
            "axe.run(document, {resultTypes: ['violations']}).then(of => of.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | ')))");
    assertEquals("[]", found.toString());
  }

  @Test
  void page_makesTextOfWhatOthersName() throws Exception {
    String evil = "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=2</script>";
    state = SampleState.named(evil);
    open(null);

    assertTrue(text("classes").contains(evil));
    assertTrue(text("waiting").contains(evil));
    assertTrue(text("decisions").contains(evil));
    assertTrue(text("shards").contains(evil));
    assertTrue(text("nodes").contains(evil));
    assertTrue(text("budgets").contains(evil));
    assertEquals(1, browser.value("document.images.length").asInt(), "the logo alone");
    assertEquals(1, browser.value("document.scripts.length").asInt(), "its own script alone");
    assertEquals("undefined", browser.value("typeof window.pwned").asText());
    assertEquals(List.of(), browser.complaints());
  }

  @Test
  void page_isBroughtUpToDate_andLeavesAnOpenListOpen() throws Exception {
    open(null);
    var _ = browser.value("document.querySelector('#shards details summary').click()");
    var _ =
        browser.value("document.querySelector('#decisions tbody tr').setAttribute('id', 'same')");

    state = SampleState.later(12);

    browser.await("document.querySelector('#decisions tbody').innerText.includes('late-pod')");
    assertEquals(5, rows("decisions"));
    assertEquals(
        "same", browser.value("document.querySelectorAll('#decisions tr')[2].id").asText());
    assertTrue(browser.value("document.querySelector('#shards details').open").asBoolean());
  }

  @Test
  void page_pauses_byTheKeyboard() throws Exception {
    open(null);
    var _ = browser.value("document.getElementById('pause').focus()");

    browser.press("Enter", 13);

    browser.await("document.getElementById('pause').getAttribute('aria-pressed') === 'true'");
    browser.await("document.getElementById('sync').textContent.startsWith('Paused at')");
    browser.press("Enter", 13);
    browser.await("document.getElementById('sync').textContent.startsWith('Live')");
  }

  @Test
  void page_leadsPastTheHeader_withTheFirstTab() throws Exception {
    open(null);

    browser.press("Tab", 9);

    assertEquals("Skip to content", browser.value("document.activeElement.textContent").asText());
  }

  @Test
  void page_showsAFewOfThousandNodes_andAllWhenAsked() throws Exception {
    state = SampleState.of(1_000);
    open(null);
    assertEquals(25, rows("nodes"));

    var _ = browser.value("document.querySelector('#nodes .more').click()");

    assertEquals(1_000, rows("nodes"));
    browser.value("document.getElementById('filter').focus()");
    browser.type("node-777");
    browser.await("document.querySelectorAll('#nodes tbody tr').length === 1");
  }

  @Test
  void page_saysThatItIsOld_whenTheOperatorIsGone() throws Exception {
    open(null);

    down = true;

    browser.await("document.getElementById('notice').textContent.includes('what is shown is old')");
    assertTrue(rows("nodes") > 0);
    down = false;
    browser.await("document.getElementById('sync').textContent.startsWith('Live')");
    browser.await("document.getElementById('notice').hidden");
  }

  @Test
  void page_saysWhoIsMissing_whenAReplicaCannotBeAsked() throws Exception {
    state = SampleState.withoutReplica();
    open(null);

    browser.await(
        "document.getElementById('notice').textContent.includes('replica operator-1 holds shards 2')");
    assertEquals("not known", cell("shards", 2, 2));
  }

  @Test
  void page_asksForAToken_andShowsTheStateToWhoMaySeeIt() throws Exception {
    serve(viewers());
    browser.await("!document.getElementById('signin').hidden");
    assertTrue(browser.value("document.getElementById('content').hidden").asBoolean());
    browser.picture(PICTURES.resolve("console-signin.png"));

    signIn("mallory");
    browser.await(
        "document.getElementById('signin-why').textContent.includes('mallory may not get')");
    var _ = browser.value("document.getElementById('token').value = ''");
    signIn("alice");

    browser.await("!document.getElementById('content').hidden");
    assertEquals("", browser.value("document.cookie").asText(), "no script reads the token");
    var _ = browser.value("document.getElementById('signout').click()");
    browser.await("document.getElementById('signout').hidden");
    browser.await("!document.getElementById('signin').hidden");
  }

  @Test
  void row_arrivesWithoutMotion_forThoseWhoWantNone() throws Exception {
    browser.prefers(Map.of("prefers-reduced-motion", "reduce"));
    open(null);
    state = SampleState.later(12);
    browser.await("document.querySelector('#decisions tr.new')");

    assertEquals(
        "none",
        browser
            .value("getComputedStyle(document.querySelector('#decisions tr.new')).animationName")
            .asText());
  }

  private void signIn(String token) throws Exception {
    var _ = browser.value("document.getElementById('token').focus()");
    browser.type(token);
    browser.press("Enter", 13);
  }

  private void open(@Nullable Viewers viewers) throws Exception {
    serve(viewers);
    browser.await(
        "document.getElementById('content') && !document.getElementById('content').hidden");
  }

  private void serve(@Nullable Viewers viewers) throws Exception {
    var pages = new ConsolePages(vertx, this::state, viewers, false);
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .requestHandler(
                request -> {
                  if (down) {
                    request.connection().close();
                  } else {
                    pages.handle(request);
                  }
                })
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    browser.open(URI.create("http://127.0.0.1:%d/console/".formatted(server.actualPort())));
    browser.await("document.readyState === 'complete' && document.getElementById('signin')");
  }

  private byte[] state() throws IOException {
    return json.writeValueAsBytes(state);
  }

  private static Viewers viewers() {
    return new Viewers(
        new Reviews() {
          @Override
          public Optional<UserInfo> who(String token) {
            return Optional.of(new UserInfoBuilder().withUsername(token).build());
          }

          @Override
          public boolean mayRead(UserInfo user) {
            return "alice".equals(user.getUsername());
          }
        },
        System::nanoTime);
  }

  private static String axe() throws IOException {
    try (InputStream in =
        ConsoleInBrowserTest.class.getResourceAsStream(
            "/META-INF/resources/webjars/axe-core/%s/axe.min.js"
                .formatted(System.getProperty("fareway.axe")))) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int rows(String section) throws Exception {
    return browser
        .value("document.querySelectorAll('#%s tbody tr').length".formatted(section))
        .asInt();
  }

  private static String text(String section) throws Exception {
    return browser
        .value("document.querySelector('#%s tbody').textContent".formatted(section))
        .asText();
  }

  private static String cell(String section, int row, int column) throws Exception {
    return browser
        .value(
            "document.querySelector('#%s tbody').children[%d].children[%d].textContent"
                .formatted(section, row, column))
        .asText();
  }

  private static List<String> names(String section) throws Exception {
    JsonNode names =
        browser.value(
            "[...document.querySelectorAll('#%s tbody tr td:first-child .name')].map(of => of.textContent)"
                .formatted(section));
    assertFalse(names.isEmpty());
    return new ObjectMapper()
        .convertValue(names, new com.fasterxml.jackson.core.type.TypeReference<>() {});
  }
}
