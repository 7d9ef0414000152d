package dev.fareway.cli.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.fareway.cli.cluster.ClusterFailure.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesClusterTest {
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  private Path folder;

  @SuppressWarnings("NullAway.Init")
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    System.clearProperty("kubeconfig");
  }

  private void answer(String path, int code, String body) {
    server.createContext(
        path,
        exchange -> {
          asked.add(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization"));
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(code, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  private Path kubeconfig() throws IOException {
    return Files.writeString(
        folder.resolve("config"),
        """
        apiVersion: v1
        kind: Config
        clusters:
          - {name: here, cluster: {server: "http://127.0.0.1:%d"}}
          - {name: gone, cluster: {server: "http://127.0.0.1:1"}}
        users:
          - {name: ann, user: {token: secret}}
          - name: run
            user:
              exec:
                apiVersion: client.authentication.k8s.io/v1
                command: sh
                args: ["-c", "echo '{\\"apiVersion\\": \\"client.authentication.k8s.io/v1\\", \\"kind\\": \\"ExecCredential\\", \\"status\\": {\\"token\\": \\"made\\"}}'"]
                interactiveMode: Never
        contexts:
          - {name: one, context: {cluster: here, user: ann, namespace: shop}}
          - {name: two, context: {cluster: here, user: run}}
          - {name: three, context: {cluster: gone, user: ann}}
        current-context: one
        """
            .formatted(server.getAddress().getPort()));
  }

  private ClusterReader open(String context) throws IOException {
    return KubernetesCluster.open(
        new ConnectionOptions(
            Optional.of(kubeconfig()),
            context.isEmpty() ? Optional.empty() : Optional.of(context),
            Duration.ofSeconds(20)));
  }

  private ClusterFailure failure(String context, String path) throws IOException {
    try (ClusterReader cluster = open(context)) {
      return assertThrows(ClusterFailure.class, () -> cluster.get(path));
    }
  }

  @Test
  void contexts_chooseTheUserAndTheNamespace() throws IOException {
    answer("/api", 200, "{}");
    try (ClusterReader cluster = open("")) {
      assertEquals("shop", cluster.contextNamespace());
      cluster.get("/api");
    }
    try (ClusterReader cluster = open("two")) {
      assertEquals("default", cluster.contextNamespace());
      cluster.get("/api");
    }
    assertEquals(List.of("/api Bearer secret", "/api Bearer made"), asked);
  }

  @Test
  void list_readsAllPages() throws IOException {
    server.createContext(
        "/apis/x",
        exchange -> {
          asked.add(exchange.getRequestURI().toString());
          boolean first = !exchange.getRequestURI().toString().contains("continue=a%2Bb");
          byte[] bytes =
              (first
                      ? "{\"metadata\": {\"continue\": \"a+b\"}, \"items\": [1, 2]}"
                      : "{\"metadata\": {}, \"items\": [3]}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    var items = new ArrayList<Integer>();
    try (ClusterReader cluster = open("")) {
      cluster.list("/apis/x", item -> items.add(item.asInt()));
    }
    assertEquals(List.of(1, 2, 3), items);
    assertEquals(List.of("/apis/x?limit=500", "/apis/x?limit=500&continue=a%2Bb"), asked);
  }

  @Test
  void forbidden_saysWhatTheServerSays() throws IOException {
    answer(
        "/api/v1/pods",
        403,
        "{\"kind\": \"Status\", \"message\": \"pods is forbidden: User \\\"ann\\\" cannot list pods\"}");

    ClusterFailure failure = failure("", "/api/v1/pods");

    assertEquals(Kind.NOT_ALLOWED, failure.kind());
    assertEquals(
        "You may not do this: pods is forbidden: User \"ann\" cannot list pods.",
        failure.sentence());
  }

  @Test
  void unknownUser_isToldToLogIn() throws IOException {
    answer("/api", 401, "{\"message\": \"Unauthorized\"}");

    ClusterFailure failure = failure("", "/api");

    assertEquals(Kind.NOT_ALLOWED, failure.kind());
    assertTrue(failure.sentence().contains("Log in again"), failure.sentence());
  }

  @Test
  void resourcesThatAreNotThere_areToldFromObjects() throws IOException {
    answer("/apis/fareway.dev/v1alpha1/priceclasses", 404, "404 page not found");
    answer(
        "/api/v1/namespaces/shop/pods/x",
        404,
        "{\"message\": \"pods \\\"x\\\" not found\", \"details\": {\"name\": \"x\"}}");

    ClusterFailure resources = failure("", "/apis/fareway.dev/v1alpha1/priceclasses?limit=1");
    ClusterFailure object = failure("", "/api/v1/namespaces/shop/pods/x");

    assertEquals(Kind.NOT_THERE, resources.kind());
    assertTrue(resources.sentence().contains("Install the chart"), resources.sentence());
    assertEquals("Pods \"x\" not found.", object.sentence());
  }

  @Test
  void noAnswer_endsAtTheTimeout() throws IOException {
    server.createContext(
        "/slow",
        exchange -> {
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    try (ClusterReader cluster =
        KubernetesCluster.open(
            new ConnectionOptions(
                Optional.of(kubeconfig()), Optional.empty(), Duration.ofSeconds(1)))) {
      ClusterFailure failure = assertThrows(ClusterFailure.class, () -> cluster.get("/slow"));
      assertEquals(Kind.NO_CLUSTER, failure.kind());
      assertTrue(failure.sentence().contains("--request-timeout"), failure.sentence());
    }
  }

  @Test
  void serverThatIsGone_isASentence() throws IOException {
    ClusterFailure failure = failure("three", "/api");

    assertEquals(Kind.NO_CLUSTER, failure.kind());
    assertTrue(
        failure.sentence().startsWith("The API server http://127.0.0.1:1 can't be reached"),
        failure.sentence());
  }

  @Test
  void unknownContext_namesThoseThatThereAre() {
    ClusterFailure failure = assertThrows(ClusterFailure.class, () -> open("four"));

    assertEquals(
        "The kubeconfig has no context 'four'. It has: one, three, two.", failure.sentence());
  }

  @Test
  void missingFile_isNamed() {
    ClusterFailure failure =
        assertThrows(
            ClusterFailure.class,
            () ->
                KubernetesCluster.open(
                    new ConnectionOptions(
                        Optional.of(folder.resolve("none")),
                        Optional.empty(),
                        Duration.ofSeconds(1))));

    assertEquals(Kind.NO_CLUSTER, failure.kind());
    assertTrue(failure.sentence().contains("none is not there"), failure.sentence());
  }
}
