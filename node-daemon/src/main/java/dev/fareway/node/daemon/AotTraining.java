package dev.fareway.node.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

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

  private AotTraining() {}

  /** Lives it. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("fareway-aot");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.createContext("/", AotTraining::answer);
    server.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
    server.start();
    Path kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        current-context: t
        contexts: [{name: t, context: {cluster: t}}]
        clusters: [{name: t, cluster: {server: "http://127.0.0.1:%d"}}]
        """
            .formatted(server.getAddress().getPort()));
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
