package dev.fareway.activator.conformance;

import static dev.fareway.activator.conformance.Waiting.await;
import static dev.fareway.activator.conformance.Waiting.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What TLS on both sides costs, beside clear text on both, and beside nginx as a proxy that does
 * the same on the same core. Prints it; that every request is answered is what it checks.
 */
@Tag("long")
class TlsCostTest {
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");
  private static final Pattern FAILED = Pattern.compile("Non-2xx|Socket errors");
  private static final List<String> FIRST_CORE = List.of("taskset", "-c", "0");
  private static final List<String> SECOND_CORE = List.of("taskset", "-c", "1");
  private static final int WARM_UP_SECONDS = 20;
  private static final int TURN_SECONDS = 4;
  private static final int ROUNDS = 3;

  /** As the activator is meant to be started. */
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-Xms64m",
          "-Xmn32m",
          "-Xmx256m",
          "-Dio.netty.allocator.numDirectArenas=1",
          "-Dio.netty.allocator.numHeapArenas=1",
          "-Dio.netty.leakDetection.level=disabled");

  @TempDir Path folder;

  @Test
  void tlsOnBothSides_answersAll() throws Exception {
    for (String tool : List.of("wrk", "nginx", "taskset")) {
      assumeTrue(
          List.of(System.getenv("PATH").split(":", -1)).stream()
              .anyMatch(each -> Files.isExecutable(Path.of(each, tool))),
          () -> tool + " is not installed");
    }
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "there is one core only");
    var authority = new TestCertificates("one");
    Vertx vertx = Vertx.vertx();
    var cluster = new StandInCluster(folder);
    var autoscaler = new StandInAutoscaler(vertx);
    int clear = freePort();
    int secure = freePort();
    int proxied = freePort();
    Process function =
        nginx(
            "function",
            SECOND_CORE,
            "listen 127.0.0.1:%d backlog=4096; listen 127.0.0.1:%d ssl backlog=4096; location / { return 200 \"queue\"; }"
                .formatted(clear, secure),
            "",
            authority.issue("kn-user-ns", "data-plane.knative.dev"));
    Process nginx =
        nginx(
            "proxy",
            FIRST_CORE,
            """
            listen 127.0.0.1:%d ssl backlog=4096;
            location / {
              proxy_pass https://function;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_ssl_verify off;
              proxy_ssl_protocols TLSv1.3;
            }"""
                .formatted(proxied),
            "upstream function { server 127.0.0.1:%d; keepalive 512; keepalive_requests 100000000; }"
                .formatted(secure),
            authority.issue("kn-routing"));
    var own = authority.issue("kn-routing", "data-plane.knative.dev");
    cluster.certificate(authority.authorityPem(), own.certificatePem(), own.keyPem());
    cluster.revision("f", "", "");
    cluster.pod("f", "127.0.0.1", clear, secure);
    var activator =
        new ActivatorProcess(
            cluster.kubeconfig(),
            Map.of("POD_NAME", "activator-a"),
            FIRST_CORE,
            FLAGS,
            "--autoscaler=127.0.0.1:" + autoscaler.port());
    try {
      String inClear = "http://127.0.0.1:" + activator.httpPort() + "/";
      double without = median(activator, inClear);
      cluster.network("system-internal-tls", "Enabled");
      String inTls = "https://127.0.0.1:" + activator.httpsPort() + "/";
      eventually("it is ready", () -> ready(activator));
      double with = median(activator, inTls);
      double byNginx = wrk("https://127.0.0.1:" + proxied + "/", TURN_SECONDS);
      System.out.printf(
          Locale.ROOT,
          "TLS on both sides: %.0f requests/s on one core; in clear text %.0f; nginx with TLS on both sides %.0f%n",
          with,
          without,
          byNginx);
    } finally {
      activator.kill();
      nginx.destroy();
      function.destroy();
      cluster.close();
      await(vertx.close());
    }
  }

  private double median(ActivatorProcess activator, String to) throws Exception {
    assertEquals(true, activator.isAlive());
    wrk(to, WARM_UP_SECONDS);
    var rates = new ArrayList<Double>();
    for (int i = 0; i < ROUNDS; i++) {
      rates.add(wrk(to, TURN_SECONDS));
    }
    return rates.stream().sorted().toList().get(ROUNDS / 2);
  }

  private static boolean ready(ActivatorProcess activator) throws Exception {
    try (var _ =
        URI.create("http://127.0.0.1:" + activator.metricsPort() + "/readyz")
            .toURL()
            .openStream()) {
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private double wrk(String to, int seconds) throws Exception {
    var command = new ArrayList<>(SECOND_CORE);
    command.addAll(
        List.of(
            "wrk",
            "-t1",
            "-c64",
            "-d" + seconds + "s",
            "-H",
            "Knative-Serving-Namespace: ns",
            "-H",
            "Knative-Serving-Revision: f",
            to));
    Process wrk = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    wrk.waitFor();
    assertFalse(FAILED.matcher(said).find(), said);
    Matcher rate = RATE.matcher(said);
    assertEquals(true, rate.find(), said);
    return Double.parseDouble(rate.group(1));
  }

  private Process nginx(
      String name, List<String> through, String server, String http, TestCertificates.Pair pair)
      throws Exception {
    Path home = Files.createDirectories(folder.resolve(name));
    Files.writeString(home.resolve("tls.crt"), pair.certificatePem());
    Files.writeString(home.resolve("tls.key"), pair.keyPem());
    Path configuration =
        Files.writeString(
            home.resolve("nginx.conf"),
            """
            daemon off;
            worker_processes 1;
            worker_rlimit_nofile 65536;
            pid nginx.pid;
            error_log error.log crit;
            events { worker_connections 32768; }
            http {
              access_log off;
              client_body_temp_path HOME;
              proxy_temp_path HOME;
              fastcgi_temp_path HOME;
              uwsgi_temp_path HOME;
              scgi_temp_path HOME;
              keepalive_requests 100000000;
              ssl_protocols TLSv1.3;
              ssl_certificate HOME/tls.crt;
              ssl_certificate_key HOME/tls.key;
              HTTP
              server { SERVER }
            }
            """
                .replace("HTTP", http)
                .replace("SERVER", server)
                .replace("HOME", home.toString()));
    var command = new ArrayList<>(through);
    command.addAll(List.of("nginx", "-p", home.toString(), "-c", configuration.toString()));
    Process nginx =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("nginx.log").toFile())
            .start();
    TimeUnit.MILLISECONDS.sleep(300);
    assertEquals(true, nginx.isAlive(), () -> "nginx ended: see " + home);
    return nginx;
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
