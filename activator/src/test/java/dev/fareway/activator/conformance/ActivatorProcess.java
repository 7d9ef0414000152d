package dev.fareway.activator.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The activator as a process of its own, started as in its pod: by environment and options. */
final class ActivatorProcess {
  private static final Pattern LISTENING =
      Pattern.compile("HTTP/1\\.1 (\\d+), h2c (\\d+), metrics (\\d+)");

  private static final Pattern TLS = Pattern.compile("TLS (\\d+)$");

  private final Process process;
  private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<int[]> ports = new CompletableFuture<>();
  private final CompletableFuture<Integer> httpsPort = new CompletableFuture<>();

  ActivatorProcess(String kubeconfig, Map<String, String> environment, String... options)
      throws Exception {
    this(
        kubeconfig,
        environment,
        List.of(),
        List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"),
        options);
  }

  /** With what to start it through, and the flags of its virtual machine. */
  ActivatorProcess(
      String kubeconfig,
      Map<String, String> environment,
      List<String> through,
      List<String> flags,
      String... options)
      throws Exception {
    var command = new ArrayList<>(through);
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(flags);
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.fareway.activator.main.Main",
            "--bind=127.0.0.1",
            "--http-port=0",
            "--h2c-port=0",
            "--https-port=0",
            "--metrics-port=0",
            "--profile-port=0",
            "--kubeconfig=" + kubeconfig));
    command.addAll(List.of(options));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.start();
    Thread.ofPlatform().daemon().start(this::read);
  }

  int httpPort() throws Exception {
    return ports()[0];
  }

  int h2cPort() throws Exception {
    return ports()[1];
  }

  /** Where it speaks TLS, once it does. */
  int httpsPort() throws Exception {
    return httpsPort.get(60, TimeUnit.SECONDS);
  }

  /** All that it has written. */
  String said() {
    return String.join("\n", log);
  }

  int metricsPort() throws Exception {
    return ports()[2];
  }

  Process process() {
    return process;
  }

  /** What it says at /metrics. */
  String metrics() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + metricsPort() + "/metrics");
    try (InputStream in = uri.toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Whether it knows a revision of the namespace {@code ns}. */
  boolean isKnown(String revision) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + metricsPort() + "/functions/ns/" + revision);
    return ((HttpURLConnection) uri.toURL().openConnection()).getResponseCode() == 200;
  }

  /** Sends SIGTERM. */
  void terminate() {
    process.destroy();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it, at once if it is still there. */
  void kill() throws Exception {
    process.destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      fail("the activator can't be killed");
    }
  }

  private int[] ports() throws Exception {
    return ports(60);
  }

  /** Waits until it listens, for so long at most. */
  void awaitListening(int seconds) throws Exception {
    var _ = ports(seconds);
  }

  private int[] ports(int seconds) throws Exception {
    try {
      return ports.get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      return fail("the activator does not listen; it said: " + String.join("\n", log));
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        log.add(line);
        Matcher tls = TLS.matcher(line);
        if (tls.find()) {
          httpsPort.complete(Integer.parseInt(tls.group(1)));
        }
        Matcher matcher = LISTENING.matcher(line);
        if (matcher.find()) {
          ports.complete(
              new int[] {
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))
              });
        }
      }
    } catch (IOException ended) {
      log.add(ended.toString());
    }
    ports.completeExceptionally(
        new IllegalStateException("it ended; it said: " + String.join("\n", log)));
  }
}
