package dev.fareway.node.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A short life of the daemon in dry run, before an API server that knows three objects, in which
 * all is used once that a real life uses: what the JDK records of it becomes the ahead-of-time
 * cache (JEP 483, 514). It touches nothing of the node.
 *
 * <p>{@code java -XX:AOTCacheOutput=fareway-node-daemon.aot @jvm.options -cp
 * fareway-node-daemon.jar dev.fareway.node.daemon.AotTraining}
 */
public final class AotTraining {
  private static final String UID = "00000000-0000-4000-8000-000000000000";
  private static final long LIFE_MILLIS = 1500;
  private static final String CERTIFICATE = "certificate.pem";

  /** Of a key that is gone in a moment. */
  private static final String PASSWORD = "training";

  private AotTraining() {}

  /** Lives it. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("fareway-aot");
    Optional<SSLContext> tls = tls(folder);
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create();
    if (tls.isPresent()) {
      HttpsServer secured = HttpsServer.create();
      secured.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
      server = secured;
    }
    server.bind(address, 8);
    server.createContext("/", AotTraining::answer);
    server.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
    server.start();
    Path kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        current-context: t
        contexts: [{name: t, context: {cluster: t}}]
        clusters: [{name: t, cluster: {server: "%s://127.0.0.1:%d"%s}}]
        """
            .formatted(
                tls.isPresent() ? "https" : "http",
                server.getAddress().getPort(),
                tls.isPresent() ? ", certificate-authority: " + folder.resolve(CERTIFICATE) : ""));
    Path pods = folder.resolve("kubepods.slice");
    Path container =
        pods.resolve("kubepods-pod%s.slice".formatted(UID.replace('-', '_')))
            .resolve("cri-containerd-%s.scope".formatted("0".repeat(64)));
    Files.createDirectories(container);
    String self = ProcessHandle.current().pid() + "\n";
    Files.writeString(container.resolve("cgroup.threads"), self);
    Files.writeString(container.resolve("cgroup.procs"), self);
    Files.writeString(folder.resolve("cgroup.procs"), "");
    var stop = new CountDownLatch(1);
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                Thread.sleep(LIFE_MILLIS);
                stop.countDown();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    int status =
        Main.run(
            stop,
            "--node-name=training",
            "--kubeconfig=" + kubeconfig,
            "--cgroup-root=" + folder,
            "--operator=127.0.0.1:9",
            "--dry-run",
            "--status-port=0");
    server.stop(0);
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    System.exit(status);
  }

  /**
   * A certificate for this moment, by the JDK's own tool: an API server speaks TLS, whose classes
   * are many. Empty where there is no such tool; the daemon is then trained without.
   */
  private static Optional<SSLContext> tls(Path folder) throws Exception {
    Path keytool = Path.of(System.getProperty("java.home"), "bin/keytool");
    if (!Files.isExecutable(keytool)) {
      return Optional.empty();
    }
    String store = folder.resolve("keys").toString();
    run(
        List.of(
            keytool.toString(),
            "-genkeypair",
            "-alias",
            "t",
            "-keyalg",
            "RSA",
            "-keystore",
            store,
            "-storepass",
            PASSWORD,
            "-dname",
            "CN=t",
            "-ext",
            "san=ip:127.0.0.1"));
    run(
        List.of(
            keytool.toString(),
            "-exportcert",
            "-rfc",
            "-alias",
            "t",
            "-keystore",
            store,
            "-storepass",
            PASSWORD,
            "-file",
            folder.resolve(CERTIFICATE).toString()));
    KeyStore keys = KeyStore.getInstance(Path.of(store).toFile(), PASSWORD.toCharArray());
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return Optional.of(context);
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("%s did not work".formatted(command.getFirst()));
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target = exchange.getRequestURI().toString();
      boolean watch = target.contains("watch=true");
      String object =
          target.contains("/pods")
              ? """
                {"metadata":{"name":"p","namespace":"d","uid":"%s","resourceVersion":"2",
                "annotations":{"fareway.dev/price-class":"c"},"labels":{"a":"b"}},"spec":{"containers":[{"name":"c"}]},
                "status":{"containerStatuses":[{"name":"c","containerID":"containerd://0"}]}}"""
                  .formatted(UID)
              : """
                {"metadata":{"name":"c","resourceVersion":"2"},"spec":{"pricePerCpuSecond":"2u"},
                "status":{"rank":1,"realtimePriority":1,"cpuWeight":100,"conditions":[]}}""";
      String body =
          watch
              ? "{\"type\":\"MODIFIED\",\"object\":%s}\n".formatted(object)
              : target.contains("/nodes/")
                  ? object
                  : "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[%s]}".formatted(object);
      byte[] bytes = body.getBytes(UTF_8);
      exchange.sendResponseHeaders(200, watch ? 0 : bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.getResponseBody().flush();
      if (watch) {
        TimeUnit.MILLISECONDS.sleep(LIFE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
