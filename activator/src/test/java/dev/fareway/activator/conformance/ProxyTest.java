package dev.fareway.activator.conformance;

import static dev.fareway.activator.conformance.Waiting.await;
import static dev.fareway.activator.conformance.Waiting.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.activator.core.AcceptClass;
import dev.fareway.activator.core.Baggage;
import dev.fareway.activator.core.CallerTokens;
import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.RevisionKey;
import dev.fareway.activator.core.SchedulerLimits;
import dev.fareway.activator.proxy.ProxyOptions;
import dev.fareway.scheduler.core.QueueDiscipline;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The proxy in front of real servers, by real clients. */
class ProxyTest {
  private static final RevisionKey F = new RevisionKey("ns", "f-00001");
  private static final String HOST = "f-00001.ns.svc.cluster.local";
  private static final long SECOND = 1_000_000_000L;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
  private HttpClient http1;
  private HttpClient http2;
  private StandInPod pod;
  private TestActivator activator;

  @BeforeEach
  void start() throws Exception {
    http1 = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(200));
    http2 =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    pod = new StandInPod(vertx, "n1");
    activator = new TestActivator(vertx, ProxyOptions.DEFAULTS);
    activator.function(settings(1, "cheap"), pod);
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  // --- routing ---------------------------------------------------------------------------------

  @Test
  void request_isRouted_byTheIngressHeaders() throws Exception {
    Answer response =
        await(
            send(
                HttpMethod.GET,
                "/",
                MultiMap.caseInsensitiveMultiMap()
                    .add("Host", "shop.example.com")
                    .add("Knative-Serving-Revision", F.name())
                    .add("Knative-Serving-Namespace", F.namespace()),
                null));

    assertEquals(200, response.statusCode());
    MultiMap seen = pod.headersByPath.get("/");
    assertEquals("shop.example.com", seen.get("K-Original-Host"));
    assertEquals("activator", seen.get("K-Proxy-Request"));
    assertEquals("127.0.0.1", seen.get("X-Forwarded-For"));
    assertNull(seen.get("Knative-Serving-Revision"));
    assertNull(seen.get("Knative-Serving-Namespace"));
    assertEquals(pod.address().toString(), seen.get("Host"));
  }

  @Test
  void request_isRouted_byItsHost() throws Exception {
    assertEquals(200, await(get("/", MultiMap.caseInsensitiveMultiMap())).statusCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "g.ns.svc.cluster.local",
        "f-00001.ns",
        "f-00001.ns.svc.example.com",
        "",
        "..svc.cluster.local"
      })
  void request_toNoFunction_is404(String host) throws Exception {
    assertTrue(raw("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").startsWith("HTTP/1.1 404"));
  }

  @Test
  void otherHeaders_passUntouched_andHopByHopOnesDoNot() throws Exception {
    await(
        get(
            "/",
            MultiMap.caseInsensitiveMultiMap()
                .add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .add("X-Own", "a")
                .add("X-Own", "b")
                .add("Connection", "X-Private")
                .add("X-Private", "secret")
                .add("X-Forwarded-For", "1.2.3.4")));

    MultiMap seen = pod.headersByPath.get("/");
    assertEquals(
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", seen.get("traceparent"));
    assertEquals(List.of("a", "b"), seen.getAll("X-Own"));
    assertNull(seen.get("X-Private"));
    assertEquals("1.2.3.4, 127.0.0.1", seen.get("X-Forwarded-For"));
  }

  // --- probes ----------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {"probe,abc,200", "probe,-,400", "activator,-,200", "queue,-,400"})
  void networkProbe_isAnswered_onAnyPath(String value, String hash, int status) throws Exception {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("K-Network-Probe", value);
    if (hash != null) {
      headers.add("K-Network-Hash", hash);
    }
    Answer response = await(get("/any/path", headers));

    assertEquals(status, response.statusCode());
    assertEquals(status == 200 ? hash : null, response.getHeader("K-Network-Hash"));
    if (value.equals("activator")) {
      assertEquals("activator", body(response));
    }
    assertEquals(0, pod.seen.get());
  }

  @Test
  void kubeletProbe_says200_onlyWhileReady() throws Exception {
    MultiMap kubelet = MultiMap.caseInsensitiveMultiMap().add("User-Agent", "kube-probe/1.34");
    assertEquals(200, await(get("/", kubelet)).statusCode());

    activator.whyNotReady = "no connection to the autoscaler";
    Answer refused = await(get("/", kubelet));
    assertEquals(500, refused.statusCode());
    assertEquals("no connection to the autoscaler", body(refused));

    activator.whyNotReady = "";
    activator.onLoop(
        () -> {
          activator.proxy().drain();
          return true;
        });
    // On a connection of its own: those that had nothing to do are closed.
    String last =
        raw(
            "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: kube-probe/1.34\r\nConnection: close\r\n\r\n");
    assertTrue(last.startsWith("HTTP/1.1 500"), last);
  }

  // --- streaming -------------------------------------------------------------------------------

  @Test
  void body_streamsBothWays_beforeEitherEnds() throws Exception {
    HttpClientRequest request = await(http1.request(options(HttpMethod.POST, "/echo")));
    request.setChunked(true);
    var echoed = new CompletableFuture<String>();
    request.response().onSuccess(in -> in.handler(chunk -> echoed.complete(chunk.toString())));
    await(request.write("ping"));

    assertEquals("ping", echoed.get(30, TimeUnit.SECONDS), "it came before the request's end");
    await(request.end());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void largeBody_arrivesWhole(boolean isHttp2) throws Exception {
    byte[] sent = new byte[5_000_000];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = (byte) (i * 31 + (i >> 8));
    }
    HttpClientRequest request =
        await((isHttp2 ? http2 : http1).request(options(HttpMethod.POST, "/echo", isHttp2)));
    Future<Buffer> echoed = request.send(Buffer.buffer(sent)).compose(HttpClientResponse::body);

    assertEquals(Buffer.buffer(sent), await(echoed));
  }

  @Test
  void headers_goOut_beforeTheBodyIsThere() throws Exception {
    HttpClientRequest request = await(http1.request(options(HttpMethod.GET, "/headers-first")));
    Answer response = await(begin(request.send()));

    assertEquals("yes", response.getHeader("first"));
    assertTrue(pod.release());
  }

  @Test
  void bodylessAnswers_keepTheirForm() throws Exception {
    assertEquals(204, await(get("/empty", MultiMap.caseInsensitiveMultiMap())).statusCode());
    Answer head = await(send(HttpMethod.HEAD, "/head", MultiMap.caseInsensitiveMultiMap(), null));
    assertEquals("2", head.getHeader("Content-Length"));
  }

  @Test
  void expectContinue_isGranted_onceItIsItsTurn() throws Exception {
    String answer =
        raw(
            "POST /echo HTTP/1.1\r\nHost: "
                + HOST
                + "\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody");

    assertTrue(answer.startsWith("HTTP/1.1 100"), answer);
    assertTrue(answer.contains("HTTP/1.1 200"), answer);
    assertTrue(answer.contains("body"), answer);
  }

  @Test
  void http2_staysHttp2_toThePod() throws Exception {
    HttpClientRequest request = await(http2.request(options(HttpMethod.POST, "/echo", true)));
    Answer response = await(begin(request.send("x")));

    assertEquals("HTTP_2", response.getHeader("version"));
    assertEquals("x", body(response));
  }

  @Test
  void grpcTrailers_passThrough() throws Exception {
    HttpClientRequest request = await(http2.request(options(HttpMethod.POST, "/trailers", true)));
    request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
    Answer response = await(begin(request.send("message")));

    assertEquals("message", body(response));
    assertEquals("0", response.getTrailer("grpc-status"));
    assertEquals("trailers", pod.headersByPath.get("/trailers").get("te"));
  }

  @Test
  void grpcTrailersOnlyAnswer_passesThrough() throws Exception {
    HttpClientRequest request =
        await(http2.request(options(HttpMethod.POST, "/trailers-only", true)));
    Answer response = await(begin(request.send("message")));

    assertEquals("12", response.getHeader("grpc-status"));
    assertEquals("", body(response));
  }

  @Test
  void webSocket_isUpgraded_andHoldsAPlace() throws Exception {
    WebSocket socket =
        await(
            vertx
                .createWebSocketClient()
                .connect(
                    new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(activator.port())
                        .setURI("/websocket")
                        .addHeader("Knative-Serving-Revision", F.name())
                        .addHeader("Knative-Serving-Namespace", F.namespace())));
    var heard = new CompletableFuture<String>();
    socket.textMessageHandler(heard::complete);
    await(socket.writeTextMessage("hello"));

    assertEquals("you said hello", heard.get(30, TimeUnit.SECONDS));
    assertEquals(1, activator.running());
    await(socket.close());
    eventually("the place is free", () -> activator.running() == 0);
  }

  // --- order, limits, deadlines ----------------------------------------------------------------

  @Test
  void concurrency_isKept_andTheDearGoFirst() throws Exception {
    restart(ProxyOptions.DEFAULTS.with(new SchedulerLimits(QueueDiscipline.STRICT_PRICE, 10, 10)));
    activator.function(
        new FunctionSettings(F, "f", "f", "cheap", AcceptClass.ANY, 1, 60 * SECOND, 0, 0, Map.of()),
        pod);
    List<Future<Answer>> answers = new ArrayList<>();
    answers.add(hold("first", "cheap"));
    eventually("the first is there", () -> pod.held() == 1);
    for (int i = 0; i < 5; i++) {
      answers.add(hold("cheap" + i, "cheap"));
    }
    eventually("five wait", () -> activator.waiting() == 5);
    answers.add(hold("dear", "dear"));
    eventually("six wait", () -> activator.waiting() == 6);
    for (int i = 0; i < 7; i++) {
      eventually("one is held", pod::release);
    }
    for (Future<Answer> answer : answers) {
      assertEquals(200, await(answer).statusCode());
    }

    assertEquals(1, pod.mostRunning.get());
    assertEquals(List.of("first", "dear"), pod.order.subList(0, 2), pod.order.toString());
  }

  @Test
  void overload_turnsTheCheapAway_with503AndRetryAfter() throws Exception {
    restart(
        ProxyOptions.DEFAULTS.with(new SchedulerLimits(QueueDiscipline.PRICE_TIMES_WAIT, 10, 2)));
    activator.function(
        new FunctionSettings(F, "f", "f", "cheap", AcceptClass.ANY, 1, 60 * SECOND, 0, 0, Map.of()),
        pod);
    hold("first", "cheap");
    eventually("the first is there", () -> pod.held() == 1);
    hold("a", "cheap");
    eventually("one waits", () -> activator.waiting() == 1);
    Future<Answer> youngest = hold("b", "cheap");
    eventually("two wait", () -> activator.waiting() == 2);

    Future<Answer> dear = hold("dear", "dear");

    Answer shed = await(youngest);
    assertEquals(503, shed.statusCode());
    assertEquals("1", shed.getHeader("Retry-After"));
    for (int i = 0; i < 3; i++) {
      eventually("one is held", pod::release);
    }
    assertEquals(200, await(dear).statusCode());
  }

  @Test
  void throttledFunction_takesAsManyAsItHasPods_andAnswers429BeyondThat() throws Exception {
    activator.function(settings(0, "cheap"), pod);
    throttle(true);
    Future<Answer> running = hold("first", "cheap");
    eventually("the first is there", () -> pod.held() == 1);

    Answer beyond = await(get("/", MultiMap.caseInsensitiveMultiMap()));

    assertEquals(429, beyond.statusCode());
    assertEquals("1", beyond.getHeader("Retry-After"));
    assertEquals(1, activator.onLoop(() -> activator.proxy().concurrency().present(F)));
    eventually("one is held", pod::release);
    assertEquals(200, await(running).statusCode());
    eventually(
        "its pod is free again",
        () -> await(get("/", MultiMap.caseInsensitiveMultiMap())).statusCode() == 200);
  }

  @Test
  void throttledFunction_withoutPods_isNotWoken() throws Exception {
    activator.function(settings(1, "cheap"), new PodAddress[0]);
    throttle(true);

    Answer answer = await(get("/", MultiMap.caseInsensitiveMultiMap()));

    assertEquals(429, answer.statusCode());
    assertEquals("60", answer.getHeader("Retry-After"));
    assertEquals(0, activator.onLoop(() -> activator.proxy().concurrency().functions()));
  }

  @Test
  void functionThatIsThrottledNoMore_takesAllAgain() throws Exception {
    activator.function(settings(0, "cheap"), pod);
    throttle(true);
    throttle(false);
    hold("first", "cheap");
    hold("second", "cheap");

    eventually("both are there", () -> pod.held() == 2);
  }

  private void throttle(boolean isThrottling) throws Exception {
    activator.onLoop(
        () -> {
          if (isThrottling) {
            activator.proxy().budgets().throttle("ns", "budget", function -> true);
          } else {
            activator.proxy().budgets().release("ns", "budget");
          }
          return true;
        });
  }

  @Test
  void callerThatHangsUp_freesItsPlaceAtOnce_waitingOrRunning() throws Exception {
    Socket running = open("GET /hold HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
    eventually("the first runs", () -> pod.held() == 1);
    Socket waiting = open("GET /hold HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
    eventually("the second waits", () -> activator.waiting() == 1);

    waiting.close();
    eventually("no one waits", () -> activator.waiting() == 0);
    running.close();
    eventually("none runs", () -> activator.running() == 0);
    eventually("the pod hears of it", () -> pod.cancelled.get() >= 1);
  }

  @Test
  void callerThatHangsUp_freesItsPlace_withItsBodyHeldBack() throws Exception {
    Socket running = open("GET /hold HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
    eventually("the first runs", () -> pod.held() == 1);
    Socket waiting =
        open(
            "POST /echo HTTP/1.1\r\nHost: "
                + HOST
                + "\r\nContent-Length: 1000000\r\n\r\n"
                + "x".repeat(100_000));
    eventually("the second waits", () -> activator.waiting() == 1);

    waiting.close();
    eventually("no one waits", () -> activator.waiting() == 0);
    running.close();
  }

  @Test
  void http2StreamThatIsReset_freesItsPlaceAtOnce() throws Exception {
    hold("first", "cheap");
    eventually("the first runs", () -> pod.held() == 1);
    HttpClientRequest request = await(http2.request(options(HttpMethod.GET, "/hold", true)));
    request.send();
    eventually("the second waits", () -> activator.waiting() == 1);

    request.reset(8);

    eventually("no one waits", () -> activator.waiting() == 0);
  }

  @Test
  void timeout_countsFromArrival_andIs504() throws Exception {
    activator.function(
        new FunctionSettings(F, "f", "f", "cheap", AcceptClass.ANY, 1, SECOND / 2, 0, 0, Map.of()),
        pod);
    Future<Answer> running = hold("a", "cheap");
    eventually("the first runs", () -> pod.held() == 1);
    Future<Answer> waiting = hold("b", "cheap");

    assertEquals(504, await(running).statusCode());
    assertEquals(504, await(waiting).statusCode());
    eventually("nothing is left", () -> activator.running() == 0 && activator.waiting() == 0);
  }

  @Test
  void responseStartTimeout_is504_butLetsAStartedAnswerGoOn() throws Exception {
    activator.function(
        new FunctionSettings(
            F, "f", "f", "cheap", AcceptClass.ANY, 0, 60 * SECOND, SECOND / 2, 0, Map.of()),
        pod);
    HttpClientRequest started = await(http1.request(options(HttpMethod.GET, "/headers-first")));
    Future<Answer> answer = begin(started.send());
    eventually("it is held", () -> pod.held() == 1);

    assertEquals(504, await(hold("late", "cheap")).statusCode());
    Answer response = await(answer);
    assertTrue(pod.release());
    assertEquals("released", body(response));
  }

  @Test
  void idleTimeout_breaksAStreamOff() throws Exception {
    activator.function(
        new FunctionSettings(
            F, "f", "f", "cheap", AcceptClass.ANY, 0, 60 * SECOND, 0, SECOND / 2, Map.of()),
        pod);
    HttpClientRequest request = await(http1.request(options(HttpMethod.GET, "/headers-first")));
    Answer response = await(begin(request.send()));

    assertThrows(ExecutionException.class, () -> body(response), "it was cut off");
    eventually("nothing is left", () -> activator.running() == 0);
  }

  @Test
  void waitingTooLong_is503() throws Exception {
    restart(ProxyOptions.DEFAULTS.with(Duration.ofMillis(200), Duration.ofSeconds(10)));
    activator.function(settings(1, "cheap"), pod);
    hold("a", "cheap");
    eventually("the first runs", () -> pod.held() == 1);

    Answer refused = await(hold("b", "cheap"));

    assertEquals(503, refused.statusCode());
    assertNotNull(refused.getHeader("Retry-After"));
    assertEquals(1, activator.running(), "the one that runs is not cut off");
  }

  // --- pods that fail --------------------------------------------------------------------------

  @Test
  void podKilledMidRequest_is502_whereNothingMayBeRepeated() throws Exception {
    HttpClientRequest request = await(http1.request(options(HttpMethod.POST, "/die")));

    assertEquals(502, await(request.send("body")).statusCode());
    eventually("the place is free", () -> activator.running() == 0);
  }

  @Test
  void requestThatKillsPods_isTriedTwice_notMore() throws Exception {
    assertEquals(502, await(get("/die", MultiMap.caseInsensitiveMultiMap())).statusCode());
    assertEquals(2, pod.seen.get());
  }

  @Test
  void podKilledMidAnswer_breaksTheAnswerOff() throws Exception {
    HttpClientRequest request = await(http1.request(options(HttpMethod.GET, "/die-late")));
    Answer response = await(begin(request.send()));

    assertThrows(ExecutionException.class, () -> body(response), "it was cut off");
    eventually("the place is free", () -> activator.running() == 0);
  }

  @Test
  void podThatCantBeReached_isPassedOver() throws Exception {
    var dead = new StandInPod(vertx, "n2");
    dead.close();
    activator.function(settings(0, "cheap"), dead, pod);

    for (int i = 0; i < 4; i++) {
      assertEquals(200, await(get("/", MultiMap.caseInsensitiveMultiMap())).statusCode());
    }
  }

  @Test
  void connectionsToAPod_areKept_andBounded() throws Exception {
    ProxyOptions base = ProxyOptions.DEFAULTS;
    restart(
        new ProxyOptions(
            base.limits(),
            base.clusterDomain(),
            base.knative(),
            base.maxWait(),
            base.headerTimeout(),
            base.keepAlive(),
            base.maxHeaderBytes(),
            base.maxConnections(),
            base.connectTimeout(),
            2,
            base.idleConnections(),
            base.idleConnectionsPerPod(),
            base.tokenLifetime()));
    activator.function(settings(0, "cheap"), pod);
    for (int i = 0; i < 10; i++) {
      assertEquals(200, await(get("/", MultiMap.caseInsensitiveMultiMap())).statusCode());
    }
    assertEquals(1, pod.connections.get());

    List<Future<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answers.add(hold("h" + i, "cheap"));
    }
    eventually("all five run", () -> activator.running() == 5);
    for (int i = 0; i < 5; i++) {
      eventually("one is held", pod::release);
    }
    for (Future<Answer> answer : answers) {
      assertEquals(200, await(answer).statusCode());
    }
    assertEquals(2, pod.connections.get());
    assertEquals(2, pod.mostRunning.get());
  }

  @ParameterizedTest
  @CsvSource({"1,100", "100,1"})
  void connectionsWithoutARequest_areKeptUpToABound(int inAll, int toAPod) throws Exception {
    restart(ProxyOptions.DEFAULTS.with(inAll, toAPod));
    activator.function(settings(0, "cheap"), pod);
    for (int round = 0; round < 2; round++) {
      List<Future<Answer>> answers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        answers.add(hold("h" + i, "cheap"));
      }
      eventually("all five run", () -> pod.held() == 5);
      for (int i = 0; i < 5; i++) {
        assertTrue(pod.release());
      }
      for (Future<Answer> answer : answers) {
        assertEquals(200, await(answer).statusCode());
      }
    }

    assertEquals(5 + 4, pod.connections.get());
  }

  @Test
  void answerBeforeTheBodysEnd_isPassedOn() throws Exception {
    String answer =
        raw(
            "POST /early HTTP/1.1\r\nHost: "
                + HOST
                + "\r\nContent-Length: 1000000\r\n\r\n"
                + "x".repeat(1000));

    assertTrue(answer.startsWith("HTTP/1.1 413"), answer);
    eventually("the place is free", () -> activator.running() == 0);
  }

  // --- classes ---------------------------------------------------------------------------------

  @Test
  void forwardedRequest_carriesClassAndProof_besidesTheCallersBaggage() throws Exception {
    await(get("/", MultiMap.caseInsensitiveMultiMap().add("baggage", "user=ann")));

    String sent = pod.headersByPath.get("/").get("baggage");
    Baggage read = Baggage.read(List.of(sent));
    assertEquals("cheap", read.priceClass());
    assertTrue(
        new CallerTokens(List.of(TestActivator.KEY))
            .proves(read.token(), "cheap", System.currentTimeMillis() / 1000));
    assertTrue(sent.endsWith(",user=ann"), sent);
  }

  @Test
  void outsider_claimsNoClass_butACallFromAFunctionInheritsIt() throws Exception {
    await(
        get(
            "/outside",
            MultiMap.caseInsensitiveMultiMap().add("baggage", "fareway.price-class=dear")));
    assertEquals("cheap", classSeenAt("/outside"));

    String proof =
        new CallerTokens(List.of(TestActivator.KEY))
            .sign("dear", System.currentTimeMillis() / 1000 + 60);
    await(
        get(
            "/inside",
            MultiMap.caseInsensitiveMultiMap()
                .add("baggage", "fareway.price-class=dear,fareway.token=" + proof)));
    assertEquals("dear", classSeenAt("/inside"));
  }

  // --- hostile callers -------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "'GET / HTTP/1.1\r\nHost: x\r\nBig: %s\r\n\r\n', 431",
    "'GET /%s HTTP/1.1\r\nHost: x\r\n\r\n', 414",
  })
  void oversizedHeaders_areRefused(String request, int status) throws Exception {
    String answer = raw(request.replace("%s", "x".repeat(70_000)));

    assertTrue(answer.startsWith(" " + status, 8), answer);
    assertEquals(0, pod.seen.get());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: f-00001.ns.svc.cluster.local\r\nBad Header: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: f-00001.ns.svc.cluster.local\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: f-00001.ns.svc.cluster.local\r\nContent-Length: -1\r\n\r\n",
      })
  void malformedRequest_isRefused_andReachesNoPod(String request) throws Exception {
    String answer = raw(request);

    assertTrue(
        answer.isEmpty() || answer.startsWith("HTTP/1.1 400") || answer.startsWith("HTTP/1.0 400"),
        answer);
    assertEquals(0, pod.seen.get());
  }

  @Test
  void slowloris_isCutOff_andOthersAreServed() throws Exception {
    restart(ProxyOptions.DEFAULTS.with(Duration.ZERO, Duration.ofMillis(300)));
    activator.function(settings(0, "cheap"), pod);
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      slow.add(open(i % 2 == 0 ? "" : "GET / HTTP/1.1\r\nHost: " + HOST + "\r\nX-Slow: "));
    }

    assertEquals(200, await(get("/", MultiMap.caseInsensitiveMultiMap())).statusCode());
    for (Socket each : slow) {
      each.setSoTimeout(30_000);
      assertEquals(-1, each.getInputStream().read(), "it is closed");
      each.close();
    }
  }

  // --- helpers ---------------------------------------------------------------------------------

  private String classSeenAt(String path) {
    return Baggage.read(pod.headersByPath.get(path).getAll("baggage")).priceClass();
  }

  private void restart(ProxyOptions options) throws Exception {
    activator.close();
    activator = new TestActivator(vertx, options);
  }

  private static FunctionSettings settings(int concurrency, String priceClass) {
    return new FunctionSettings(
        F, "f", "f", priceClass, AcceptClass.TRUSTED, concurrency, 60 * SECOND, 0, 0, Map.of());
  }

  private Future<Answer> hold(String name, String priceClass) {
    return get(
        "/hold",
        MultiMap.caseInsensitiveMultiMap()
            .add("name", name)
            .add("baggage", "fareway.price-class=" + priceClass));
  }

  private Future<Answer> get(String uri, MultiMap headers) {
    return send(HttpMethod.GET, uri, headers, null);
  }

  private Future<Answer> send(HttpMethod method, String uri, MultiMap headers, Buffer body) {
    return http1
        .request(options(method, uri))
        .compose(
            request -> {
              if (headers.contains("Host")) {
                request.authority(HostAndPort.create(headers.get("Host"), -1));
                headers.remove("Host");
              }
              headers.forEach(header -> request.headers().add(header.getKey(), header.getValue()));
              // Asked for here, on the client's own thread: later, the body may be gone.
              return (body == null ? request.send() : request.send(body))
                  .compose(
                      response ->
                          response
                              .body()
                              .map(read -> new Answer(response, Future.succeededFuture(read))));
            });
  }

  private RequestOptions options(HttpMethod method, String uri) {
    return options(method, uri, false);
  }

  private RequestOptions options(HttpMethod method, String uri, boolean isHttp2) {
    return new RequestOptions()
        .setMethod(method)
        .setServer(
            SocketAddress.inetSocketAddress(
                isHttp2 ? activator.h2cPort() : activator.port(), "127.0.0.1"))
        .setHost(HOST)
        .setPort(80)
        .setURI(uri);
  }

  /** An answer that has begun, and its body that may be on its way yet. */
  private record Answer(HttpClientResponse head, Future<Buffer> rest) {
    int statusCode() {
      return head.statusCode();
    }

    String getHeader(String name) {
      return head.getHeader(name);
    }

    String getTrailer(String name) {
      return head.getTrailer(name);
    }
  }

  /** Reads the body from the moment that the answer begins: none of it is lost. */
  private static Future<Answer> begin(Future<HttpClientResponse> answered) {
    return answered.map(response -> new Answer(response, response.body()));
  }

  private static String body(Answer answer) throws Exception {
    return await(answer.rest()).toString();
  }

  private Socket open(String start) throws Exception {
    var socket = new Socket(InetAddress.getLoopbackAddress(), activator.port());
    socket.getOutputStream().write(start.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** Sends this and reads all that comes until the other side closes, or an answer is there. */
  private String raw(String request) throws Exception {
    try (Socket socket = open(request)) {
      socket.setSoTimeout(2000);
      InputStream in = socket.getInputStream();
      var all = new StringBuilder();
      byte[] buffer = new byte[8192];
      try {
        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
          all.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
          if (all.indexOf(" 4") == 8) {
            break;
          }
        }
      } catch (SocketException | SocketTimeoutException closed) {
        // What was read until then counts.
      }
      return all.toString();
    }
  }
}
