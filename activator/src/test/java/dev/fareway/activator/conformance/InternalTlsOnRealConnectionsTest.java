package dev.fareway.activator.conformance;

import static dev.fareway.activator.conformance.Waiting.await;
import static dev.fareway.activator.conformance.Waiting.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The activator's process where Knative's {@code system-internal-tls} is on: callers that speak TLS
 * on one side, pods that do on the other, and the Secret and ConfigMaps that Knative keeps for it.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InternalTlsOnRealConnectionsTest {
  private static final String POD_NAME = "kn-user-ns";
  private static final String OWN_NAME = "kn-routing";
  private static final String SHARED_NAME = "data-plane.knative.dev";

  /** After those without an order. */
  private static final int LAST = Integer.MAX_VALUE - 10;

  @TempDir static Path folder;

  private static Vertx vertx;
  private static TestCertificates authority;
  private static HttpClient clear;
  private static HttpClient http1;
  private static HttpClient http2;
  private static StandInCluster cluster;
  private static ActivatorProcess activator;

  /** All keys that were given to it. */
  private static final List<String> KEYS = new java.util.concurrent.CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    authority = new TestCertificates("first");
    clear = vertx.createHttpClient();
    http1 = vertx.createHttpClient(tls(), new PoolOptions().setHttp1MaxSize(100));
    http2 = vertx.createHttpClient(tls().setUseAlpn(true).setProtocolVersion(HttpVersion.HTTP_2));
    cluster = new StandInCluster(folder);
    var autoscaler = new StandInAutoscaler(vertx);
    cluster.network("system-internal-tls", "Enabled");
    activator =
        new ActivatorProcess(
            cluster.kubeconfig(),
            Map.of("POD_NAME", "activator-abc", "PROBE_FREQUENCY", "50ms"),
            "--autoscaler=127.0.0.1:" + autoscaler.port(),
            "--drain-delay=PT0.1S");
  }

  @AfterAll
  static void stop() throws Exception {
    activator.kill();
    cluster.close();
    await(vertx.close());
  }

  @Test
  @Order(1)
  void certificate_thatIsMissingMalformedOrOver_keepsItFromGettingReady_andIsSaid()
      throws Exception {
    activator.awaitListening(60);
    eventuallyNotReady("Secret knative-serving/routing-serving-certs is not there");

    var pair = authority.issue(OWN_NAME, SHARED_NAME);
    cluster.certificate(authority.authorityPem(), pair.certificatePem(), "no key");
    eventuallyNotReady("can't be used");
    cluster.certificate(
        authority.authorityPem(), pair.certificatePem(), authority.issue("x").keyPem());
    eventuallyNotReady("the private key is not the certificate's");

    var over = authority.issue("EC", Instant.now().minus(1, ChronoUnit.HOURS), OWN_NAME);
    certificate(authority.authorityPem(), over);
    eventuallyNotReady("is over since");

    certificate("", authority.issue(OWN_NAME, SHARED_NAME));
    eventuallyNotReady("there is no valid authority to know pods by");
    eventuallySaid("Not ready: there is no valid authority to know pods by");

    certificate(authority.authorityPem(), authority.issue(OWN_NAME, SHARED_NAME));
    eventually("ready", () -> readiness().isEmpty());
  }

  @Test
  void http1_goesInTls_allTheWay() throws Exception {
    StandInPod pod = pod("one", authority.issue(POD_NAME, SHARED_NAME));

    assertEquals(200, await(send(http1, "one", "/")).statusCode());
    assertEquals("said", await(post(http1, "one", "/echo", "said")));

    assertEquals(2, pod.seenByTls.get());
    assertEquals(2, pod.seen.get());
    assertEquals("127.0.0.1:" + pod.securePort(), pod.headersByPath.get("/").get("Host"));
    assertEquals("activator", pod.headersByPath.get("/").get("K-Proxy-Request"));
  }

  @Test
  void http2_staysHttp2InTls_withItsTrailers() throws Exception {
    StandInPod pod = pod("two", authority.issue(POD_NAME, SHARED_NAME));

    HttpClientResponse echo = await(send(http2, "two", "/echo"));
    assertEquals(HttpVersion.HTTP_2, echo.version());
    assertEquals("HTTP_2", echo.getHeader("version"));
    HttpClientResponse grpc = await(send(http2, "two", "/trailers"));
    assertEquals("0", grpc.getTrailer("grpc-status"));

    assertEquals(2, pod.seenByTls.get());
  }

  @Test
  void webSocket_isUpgradedInTls() throws Exception {
    StandInPod pod = pod("ws", authority.issue(POD_NAME, SHARED_NAME));
    var heard = new CompletableFuture<String>();

    WebSocket socket =
        await(
            vertx
                .createWebSocketClient(
                    new io.vertx.core.http.WebSocketClientOptions()
                        .setSsl(true)
                        .setVerifyHost(false)
                        .setTrustOptions(trusting(authority)))
                .connect(
                    new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(activator.httpsPort())
                        .setSsl(true)
                        .setURI("/websocket")
                        .putHeader("Knative-Serving-Namespace", "ns")
                        .putHeader("Knative-Serving-Revision", "ws")));
    socket.textMessageHandler(heard::complete);
    await(socket.writeTextMessage("hello"));

    assertEquals("you said hello", heard.get(30, java.util.concurrent.TimeUnit.SECONDS));
    assertEquals(1, pod.seenByTls.get());
    await(socket.close());
  }

  @Test
  void clearTextCaller_isStillServed_andGoesToThePodByTls() throws Exception {
    StandInPod pod = pod("mixed", authority.issue(POD_NAME, SHARED_NAME));

    assertEquals(
        200,
        await(
                clear
                    .request(options("mixed", "/").setPort(activator.httpPort()).setSsl(false))
                    .compose(request -> request.send()))
            .statusCode());

    assertEquals(1, pod.seenByTls.get());
  }

  @Test
  void podOfAnotherNamespace_isRefused() throws Exception {
    StandInPod pod = pod("wrong", authority.issue("kn-user-other", SHARED_NAME));
    Future<HttpClientResponse> request = send(http1, "wrong", "/");

    eventuallySaid(
        "its certificate is for [kn-user-other, data-plane.knative.dev], not for kn-user-ns");
    assertFalse(request.isComplete());
    assertEquals(0, pod.seen.get());
    assertTrue(metric("fareway_activator_tls_refused_total") >= 1);

    pod.tls(authority.issue(POD_NAME, SHARED_NAME));
    assertEquals(200, await(request).statusCode());
  }

  @Test
  void podOfAnUnknownAuthority_isRefused_untilATrustBundleKnowsIt() throws Exception {
    var unknown = new TestCertificates("unknown");
    StandInPod pod = pod("foreign", unknown.issue(POD_NAME, SHARED_NAME));
    Future<HttpClientResponse> request = send(http1, "foreign", "/");

    eventuallySaid("ns/foreign: its pod at " + pod.address().host() + ":" + pod.securePort());
    assertFalse(request.isComplete());
    assertEquals(0, pod.seen.get());

    cluster.trustBundle("company", unknown.authorityPem());
    assertEquals(200, await(request).statusCode());
    cluster.trustBundle("company", "no certificate");
    eventuallySaid("ConfigMap company has an authority that is malformed");
    assertEquals(200, await(send(http1, "foreign", "/again")).statusCode());
  }

  @Test
  void podThatSpeaksNoTls_getsNothingInClearText() throws Exception {
    var pod = new StandInPod(vertx, "n1");
    cluster.revision("plain", "", "");
    cluster.pods("plain", List.of(pod), List.of());
    eventually("it is known", () -> activator.isKnown("plain"));
    Future<HttpClientResponse> request = send(http1, "plain", "/");

    eventuallySaid("ns/plain: its pod at 127.0.0.1:8112 is ready and gets no requests by TLS");
    assertFalse(request.isComplete());
    assertEquals(0, pod.seen.get());

    pod.tls(authority.issue(POD_NAME, SHARED_NAME));
    cluster.pods("plain", List.of(pod), List.of());
    assertEquals(200, await(request).statusCode());
    assertEquals(1, pod.seenByTls.get());
  }

  @Test
  @Order(LAST)
  void rotation_ofCertificateAndAuthority_failsNoRequest() throws Exception {
    StandInPod pod = pod("busy", authority.issue(POD_NAME, SHARED_NAME));
    var second = new TestCertificates("second");
    var failures = new AtomicReference<Throwable>();
    var stop = new AtomicBoolean();
    var answered = new AtomicInteger();
    List<Thread> load =
        List.of(caller(http1, failures, stop, answered), caller(http2, failures, stop, answered));
    load.forEach(Thread::start);
    progress(answered, 50);

    // As cert-manager and trust-manager do it: known first, then used.
    cluster.trustBundle("next", second.authorityPem());
    eventuallySaid("from ConfigMap next: 1");
    progress(answered, 50);
    var shown = second.issue("RSA", Instant.now().plus(1, ChronoUnit.DAYS), OWN_NAME, SHARED_NAME);
    KEYS.add(shown.olderKeyPem());
    cluster.certificate(
        second.authorityPem() + authority.authorityPem(),
        shown.certificatePem(),
        shown.olderKeyPem());
    eventually("it shows the new certificate", () -> shown.certificate().equals(shownNow()));
    pod.tls(second.issue(POD_NAME, SHARED_NAME));
    progress(answered, 50);
    // The old authority goes, and with a pod that is new the new one is all that counts.
    certificate(second.authorityPem(), second.issue(OWN_NAME, SHARED_NAME));
    StandInPod next = pod("busy", second.issue(POD_NAME, SHARED_NAME));
    eventually("the new pod gets requests", () -> next.seenByTls.get() > 20);

    stop.set(true);
    for (Thread each : load) {
      each.join();
    }
    assertEquals(null, failures.get());
    assertTrue(next.seen.get() == next.seenByTls.get() && pod.seen.get() == pod.seenByTls.get());
  }

  @Test
  @Order(LAST + 1)
  void secretThatBecomesUnusable_leavesTheLastGoodOneInUse() throws Exception {
    X509Certificate before = shownNow();
    cluster.certificate("", "nothing", "nothing");
    eventuallySaid("goes on with the certificate of");
    assertEquals("", readiness());
    cluster.deleteCertificate();
    eventuallySaid("was deleted: goes on with");
    assertEquals(before, shownNow());
  }

  @Test
  @Order(LAST + 2)
  void switchingItOffAndOn_losesNoRequest_andHoldsForTheNext() throws Exception {
    // The authorities went with the Secret.
    var third = new TestCertificates("third");
    certificate(third.authorityPem(), third.issue(OWN_NAME, SHARED_NAME));
    StandInPod pod = pod("both", third.issue(POD_NAME, SHARED_NAME));
    Future<HttpClientResponse> running = send(http1, "both", "/hold");
    eventually("one runs by TLS", () -> pod.held() == 1 && pod.seenByTls.get() == 1);

    cluster.network("system-internal-tls", "Disabled");
    eventuallySaid("Speaks clear text from now on");
    assertEquals(200, await(send(http1, "both", "/clear")).statusCode());
    assertEquals(1, pod.seenByTls.get());
    assertTrue(pod.release());
    assertEquals(200, await(running).statusCode());

    Future<HttpClientResponse> inClear = send(http1, "both", "/hold");
    eventually("one runs in clear text", () -> pod.held() == 1);
    cluster.network("system-internal-tls", "Enabled");
    eventually("on again", () -> activator.said().split("Speaks TLS", -1).length > 2);
    assertEquals(200, await(send(http1, "both", "/secure")).statusCode());
    assertEquals(2, pod.seenByTls.get());
    assertTrue(pod.release());
    assertEquals(200, await(inClear).statusCode());

    cluster.network("system-internal-tls", "perhaps");
    eventuallySaid(
        "system-internal-tls: perhaps; write enabled or disabled; what it said last holds");
    assertEquals(200, await(send(http1, "both", "/secure")).statusCode());
    assertEquals(3, pod.seenByTls.get());
  }

  @Test
  @Order(LAST + 3)
  void keys_areInNoLog() {
    String said = activator.said();
    assertTrue(KEYS.size() > 3);
    for (String key : KEYS) {
      for (String line : key.split("\n", -1)) {
        if (!line.isEmpty() && !line.startsWith("-----")) {
          assertFalse(said.contains(line.substring(0, Math.min(16, line.length()))), said);
        }
      }
    }
    assertFalse(said.contains("PRIVATE KEY"), said);
  }

  private static void certificate(String authorities, TestCertificates.Pair pair) throws Exception {
    KEYS.add(pair.keyPem());
    cluster.certificate(authorities, pair.certificatePem(), pair.keyPem());
  }

  private static StandInPod pod(String revision, TestCertificates.Pair certificate)
      throws Exception {
    var pod = new StandInPod(vertx, "n1");
    pod.tls(certificate);
    cluster.revision(revision, "", "");
    cluster.pods(revision, List.of(pod), List.of());
    eventually("it is known", () -> activator.isKnown(revision));
    return pod;
  }

  /** Sends one request after the other, until it is told to stop or one fails. */
  private static Thread caller(
      HttpClient client,
      AtomicReference<Throwable> failures,
      AtomicBoolean stop,
      AtomicInteger answered) {
    return Thread.ofPlatform()
        .daemon()
        .unstarted(
            () -> {
              while (!stop.get() && failures.get() == null) {
                try {
                  int status = await(send(client, "busy", "/")).statusCode();
                  if (status != 200) {
                    failures.compareAndSet(null, new AssertionError("status " + status));
                  }
                  answered.incrementAndGet();
                  LockSupport.parkNanos(1_000_000);
                } catch (Exception e) {
                  failures.compareAndSet(null, e);
                }
              }
            });
  }

  private static void progress(AtomicInteger answered, int more) throws Exception {
    int before = answered.get();
    eventually("it goes on", () -> answered.get() >= before + more);
  }

  private static Future<HttpClientResponse> send(HttpClient client, String revision, String uri)
      throws Exception {
    return client
        .request(options(revision, uri))
        // Within: what comes before anyone listens is lost.
        .compose(request -> request.send().compose(response -> response.body().map(response)));
  }

  private static Future<String> post(HttpClient client, String revision, String uri, String body)
      throws Exception {
    return client
        .request(options(revision, uri).setMethod(HttpMethod.POST))
        .compose(request -> request.send(body).compose(HttpClientResponse::body))
        .map(Buffer::toString);
  }

  private static RequestOptions options(String revision, String uri) throws Exception {
    return new RequestOptions()
        .setMethod(HttpMethod.GET)
        .setHost("127.0.0.1")
        .setPort(activator.httpsPort())
        .setSsl(true)
        .setURI(uri)
        .putHeader("Knative-Serving-Namespace", "ns")
        .putHeader("Knative-Serving-Revision", revision);
  }

  private static HttpClientOptions tls() throws Exception {
    // Ingresses know the activator by names that no resolver knows; the rotation is another test's.
    return new HttpClientOptions().setTrustAll(true).setVerifyHost(false);
  }

  private static PemTrustOptions trusting(TestCertificates by) throws Exception {
    return new PemTrustOptions().addCertValue(Buffer.buffer(by.authorityPem()));
  }

  /** The certificate that it shows to who connects now. */
  private static X509Certificate shownNow() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anyone()}, null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", activator.httpsPort())) {
      socket.startHandshake();
      assertEquals("TLSv1.3", socket.getSession().getProtocol());
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static final class Anyone implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static void eventuallyNotReady(String why) throws Exception {
    eventually(why, () -> readiness().contains(why));
  }

  private static void eventuallySaid(String what) throws Exception {
    eventually(what, () -> activator.said().contains(what));
  }

  /** What the kubelet is told: why it is not ready, or nothing. */
  private static String readiness() throws Exception {
    HttpClientResponse answer =
        await(
            clear
                .request(
                    new RequestOptions()
                        .setHost("127.0.0.1")
                        .setPort(activator.httpPort())
                        .putHeader("User-Agent", "kube-probe/1.34"))
                .compose(
                    request -> request.send().compose(response -> response.body().map(response))));
    String body = await(answer.body()).toString();
    assertEquals(body.isEmpty() ? 200 : 500, answer.statusCode(), () -> activator.said());
    return body;
  }

  private static double metric(String name) throws Exception {
    return activator
        .metrics()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(-1);
  }
}
