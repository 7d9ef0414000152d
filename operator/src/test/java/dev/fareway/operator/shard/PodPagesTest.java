package dev.fareway.operator.shard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fareway.crds.Fareway;
import dev.fareway.scheduler.kubernetes.BeyondJudgement;
import dev.fareway.scheduler.kubernetes.PodReader;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Reads what a kube-apiserver 1.36.2 has answered, in both of its languages: four pods, in protobuf
 * as two pages.
 */
@NullUnmarked
class PodPagesTest {
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");

  private final List<String> asked = new ArrayList<>();
  private boolean speaksProtobuf = true;
  private boolean compresses;
  private final AtomicInteger compressed = new AtomicInteger();
  private HttpServer server;
  private KubernetesClient client;
  private PodPages pages;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/v1/pods", this::answer);
    server.start();
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder()
                    .withAutoConfigure(false)
                    .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                    .build())
            .build();
    pages = new PodPages(client, Runnable::run, 3);
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    synchronized (asked) {
      asked.add(String.valueOf(exchange.getRequestURI().getRawQuery()));
    }
    boolean second = exchange.getRequestURI().getRawQuery().contains("continue=");
    byte[] body =
        bytes(!speaksProtobuf ? "pods.json" : second ? "pods-2.protobuf" : "pods-1.protobuf");
    exchange
        .getResponseHeaders()
        .set(
            "Content-Type",
            speaksProtobuf ? "application/vnd.kubernetes.protobuf" : "application/json");
    String accepted = exchange.getRequestHeaders().getFirst("Accept-Encoding");
    if (compresses && String.valueOf(accepted).contains("gzip")) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      exchange.sendResponseHeaders(200, 0);
      try (var gzip = new GZIPOutputStream(exchange.getResponseBody())) {
        gzip.write(body);
      }
      compressed.incrementAndGet();
    } else {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  @Test
  void pods_readFromProtobuf_areThoseReadFromJson_inAllThatIsAsked() throws Exception {
    List<Pod> expected =
        new KubernetesSerialization()
            .unmarshal(new String(bytes("pods.json"), UTF_8), PodList.class)
            .getItems();
    List<Pod> pods = new ArrayList<>(PodWire.pods(bytes("pods-1.protobuf")));
    pods.addAll(PodWire.pods(bytes("pods-2.protobuf")));

    assertEquals(4, expected.size());
    assertEquals(4, pods.size());
    for (int i = 0; i < 4; i++) {
      Pod wanted = expected.get(i);
      Pod pod = pods.get(i);
      // Who wrote which field, and what holds a pod that is to go, is not asked.
      wanted.getMetadata().setManagedFields(List.of());
      wanted.getMetadata().setFinalizers(List.of());
      wanted.getMetadata().setGeneration(null);
      wanted.getMetadata().setDeletionGracePeriodSeconds(null);
      wanted.getMetadata().getOwnerReferences().forEach(owner -> owner.setBlockOwnerDeletion(null));
      assertEquals(wanted.getMetadata(), pod.getMetadata());
      assertEquals(wanted.getSpec().getNodeName(), pod.getSpec().getNodeName());
      assertEquals(wanted.getSpec().getSchedulerName(), pod.getSpec().getSchedulerName());
      assertEquals(
          wanted.getStatus().getNominatedNodeName(), pod.getStatus().getNominatedNodeName());
      assertEquals(PodReader.hasEnded(wanted), PodReader.hasEnded(pod));
      assertEquals(
          PodReader.waitsFor(Fareway.SCHEDULER_NAME, wanted),
          PodReader.waitsFor(Fareway.SCHEDULER_NAME, pod));
      // Constraints, preferences, tolerations, requests, host ports, function, age.
      assertEquals(PodReader.instance(wanted, "c", NOW), PodReader.instance(pod, "c", NOW));
      assertEquals(
          BeyondJudgement.demands(wanted, _ -> false), BeyondJudgement.demands(pod, _ -> false));
    }
    Pod everything = pods.get(1);
    assertEquals("everything", everything.getMetadata().getName());
    assertEquals(5, BeyondJudgement.demands(everything, _ -> false).size());
    assertEquals(
        2, PodReader.instance(everything, "c", NOW).constraints().terms().size(), "alternatives");
  }

  @Test
  void pages_thatTheServerCompresses_areReadAsOthers() throws Exception {
    List<String> plain = names(pages.submitList(options(null)).get(10, TimeUnit.SECONDS));
    compresses = true;
    List<String> inflated =
        names(
            new PodPages(client, Runnable::run, 3)
                .submitList(options(null))
                .get(10, TimeUnit.SECONDS));

    assertEquals(3, plain.size());
    assertEquals(plain, inflated);
    assertTrue(compressed.get() > 0, "the server was not asked to compress");
  }

  private static List<String> names(PodList list) {
    return list.getItems().stream().map(pod -> pod.getMetadata().getName()).toList();
  }

  @Test
  void nextPage_isUnderWay_whileOneIsRead() throws Exception {
    PodList first = pages.submitList(options(null)).get(10, TimeUnit.SECONDS);
    int inFirst = first.getItems().size();
    String token = first.getMetadata().getContinue();
    PodList second = pages.submitList(options(token)).get(10, TimeUnit.SECONDS);

    assertEquals(3, inFirst);
    assertEquals(List.of(), first.getItems(), "pages that were taken in are not held");
    assertEquals(1, second.getItems().size());
    assertTrue(second.getMetadata().getContinue().isEmpty());
    assertTrue(!second.getMetadata().getResourceVersion().isEmpty());
    synchronized (asked) {
      assertEquals(2, asked.size(), asked::toString);
      assertEquals("limit=3", asked.getFirst());
    }
  }

  @Test
  void serverThatSpeaksJsonAlone_isUnderstood() throws Exception {
    speaksProtobuf = false;
    PodList all = pages.submitList(options(null)).get(10, TimeUnit.SECONDS);
    assertEquals(4, all.getItems().size());
  }

  @Test
  void answerThatIsCutOff_isAFailure_notFewerPods() throws Exception {
    // The last four bytes say that nothing is said of encoding and type.
    byte[] whole = bytes("pods-1.protobuf");
    int read = 0;
    for (int length = 0; length < whole.length - 4; length += 7) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThrows(IOException.class, () -> PodWire.pods(part), () -> part.length + " bytes");
      read++;
    }
    assertTrue(read > 100);
    server.removeContext("/api/v1/pods");
    assertThrows(CompletionException.class, () -> pages.submitList(options(null)).join(), "404");
  }

  private static io.fabric8.kubernetes.api.model.ListOptions options(String token) {
    return new ListOptionsBuilder().withLimit(3L).withContinue(token).build();
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = PodPagesTest.class.getResourceAsStream("pods/" + name)) {
      return in.readAllBytes();
    }
  }
}
