package dev.fareway.e2e.cluster;

import dev.fareway.e2e.process.OwnSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A program that runs beside this one, with its log in a file and an address that says ready. */
final class ManagedProcess implements AutoCloseable {

  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);
  private static final int TAIL_LINES = 20;
  private static final int TAIL_BYTES = 16_384;

  private final String name;
  private final Process process;
  private final Path log;
  private final URI ready;
  private final Optional<Path> certificate;

  private ManagedProcess(
      String name, Process process, Path log, URI ready, Optional<Path> certificate) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.ready = ready;
    this.certificate = certificate;
  }

  /**
   * Starts it; what it prints is appended to the log.
   *
   * @param environment added to this process' own
   * @param ready answers 200 as soon as the program is ready
   */
  static ManagedProcess start(
      String name, List<String> command, Map<String, String> environment, Path log, URI ready) {
    return start(name, command, environment, log, ready, Optional.empty());
  }

  /** The same with an address that has this certificate, which nobody else vouches for. */
  static ManagedProcess start(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path log,
      URI ready,
      Path certificate) {
    return start(name, command, environment, log, ready, Optional.of(certificate));
  }

  private static ManagedProcess start(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path log,
      URI ready,
      Optional<Path> certificate) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(OwnSession.command(command))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      return new ManagedProcess(name, process, log, ready, certificate);
    } catch (IOException e) {
      throw new LocalClusterException("%s can't be started: %s".formatted(name, e.getMessage()), e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Waits until it says that it is ready.
   *
   * @throws LocalClusterException with the end of its log, if it ends or the time is over
   */
  void waitReady(Duration bound) {
    long end = System.nanoTime() + bound.toNanos();
    try (HttpClient client = httpClient()) {
      while (!answers(client)) {
        if (!process.isAlive()) {
          throw failed("ended with status " + process.exitValue());
        }
        if (System.nanoTime() > end) {
          throw failed("was not ready at " + ready + " after " + bound.toSeconds() + " s");
        }
        process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalClusterException("interrupted while waiting for " + name, e);
    }
  }

  private HttpClient httpClient() {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(REQUEST_TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1);
    certificate.ifPresent(file -> builder.sslContext(trusting(file)));
    return builder.build();
  }

  private static SSLContext trusting(Path certificate) {
    try (InputStream in = Files.newInputStream(certificate)) {
      KeyStore known = KeyStore.getInstance(KeyStore.getDefaultType());
      known.load(null, null);
      known.setCertificateEntry(
          "known", CertificateFactory.getInstance("X.509").generateCertificate(in));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(known);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new LocalClusterException(certificate + " can't be read: " + e.getMessage(), e);
    }
  }

  private boolean answers(HttpClient client) throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(ready).timeout(REQUEST_TIMEOUT).build();
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // Not listening yet.
    }
  }

  private LocalClusterException failed(String what) {
    return new LocalClusterException(
        "%s %s. The end of its log %s:%n%s".formatted(name, what, log, tail()));
  }

  private String tail() {
    try (var file = Files.newByteChannel(log)) {
      file.position(Math.max(0, file.size() - TAIL_BYTES));
      var bytes = java.nio.ByteBuffer.allocate(TAIL_BYTES);
      while (bytes.hasRemaining() && file.read(bytes) >= 0) {}
      List<String> lines =
          new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).lines().toList();
      return String.join(
          System.lineSeparator(),
          lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks it to end, and ends it when it has not after ten seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }

  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }
}
