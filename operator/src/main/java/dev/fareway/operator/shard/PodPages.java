package dev.fareway.operator.shard;

import io.fabric8.kubernetes.api.model.ListMetaBuilder;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.dsl.internal.AbstractWatchManager;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.informers.impl.ListerWatcher;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Lists all pods for an informer, several times as fast as the client itself: in protobuf, of which
 * most is skipped, and with the next page under way while one is read. Watches as the client does.
 *
 * <p>An API server that answers in JSON all the same is understood, too.
 */
final class PodPages implements ListerWatcher<Pod, PodList> {
  private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
  private static final int BUFFER = 64 << 10;

  private final KubernetesClient client;
  private final ListerWatcher<Pod, PodList> plain;
  private final URI pods;
  private final Executor reader;
  private final long page;
  private final AtomicReference<@Nullable Ahead> ahead = new AtomicReference<>();

  /** What was handed over last. */
  private final AtomicReference<@Nullable PodList> last = new AtomicReference<>();

  /** The page after the one that is being read. */
  private record Ahead(String token, CompletableFuture<HttpResponse<byte[]>> body) {}

  /**
   * All pods.
   *
   * @param reader who reads the pages
   * @param page how many are asked for at once, 1 or more
   */
  @SuppressWarnings("unchecked") // The client's own operations are what its informers list by.
  PodPages(KubernetesClient client, Executor reader, long page) {
    this.client = client;
    this.reader = reader;
    this.plain = (ListerWatcher<Pod, PodList>) client.pods().inAnyNamespace().withLimit(page);
    this.pods = URI.create(client.getMasterUrl().toString()).resolve("/api/v1/pods");
    this.page = page;
  }

  @Override
  public CompletableFuture<PodList> submitList(ListOptions options) {
    String token = options.getContinue() == null ? "" : options.getContinue();
    PodList before = last.getAndSet(null);
    if (before != null) {
      // Taken in by now. The informer would hold all pages until it has the last.
      before.setItems(List.of());
    }
    Ahead fetched = ahead.getAndSet(null);
    return (fetched != null && !token.isEmpty() && fetched.token.equals(token)
            ? fetched.body
            : fetch(token))
        // Not on the thread of the network, and page upon page not upon one stack.
        .thenApplyAsync(this::read, reader)
        .thenApply(
            list -> {
              last.set(list);
              return list;
            });
  }

  private CompletableFuture<HttpResponse<byte[]>> fetch(String token) {
    String address =
        "%s?limit=%d%s"
            .formatted(
                pods,
                page,
                token.isEmpty()
                    ? ""
                    : "&continue=" + URLEncoder.encode(token, StandardCharsets.UTF_8));
    return client
        .getHttpClient()
        .sendAsync(
            client
                .getHttpClient()
                .newHttpRequestBuilder()
                .uri(URI.create(address))
                .header("Accept", PROTOBUF + ", application/json")
                // Pods are much alike: it is quicker to inflate a page than to decipher all of it.
                .header("Accept-Encoding", "gzip")
                .timeout(getConfig().getRequestTimeout(), TimeUnit.MILLISECONDS)
                .build(),
            byte[].class);
  }

  private PodList read(HttpResponse<byte[]> answer) {
    if (!answer.isSuccessful()) {
      throw new KubernetesClientException(
          "Listing pods: the API server answers %d".formatted(answer.code()));
    }
    byte[] body = inflated(answer);
    if (answer.headers("Content-Type").stream().noneMatch(type -> type.startsWith(PROTOBUF))) {
      return client
          .getKubernetesSerialization()
          .unmarshal(new ByteArrayInputStream(body), PodList.class);
    }
    try {
      PodWire.Head head = PodWire.head(body);
      if (!head.next().isEmpty()) {
        ahead.set(new Ahead(head.next(), fetch(head.next())));
      }
      return new PodListBuilder()
          .withMetadata(
              new ListMetaBuilder()
                  .withResourceVersion(head.version())
                  .withContinue(head.next())
                  .build())
          .withItems(PodWire.pods(body))
          .build();
    } catch (IOException e) {
      throw new KubernetesClientException("Listing pods: the answer can't be read", e);
    }
  }

  private static byte[] inflated(HttpResponse<byte[]> answer) {
    if (!answer.headers("Content-Encoding").contains("gzip")) {
      return answer.body();
    }
    try (var gzip = new GZIPInputStream(new ByteArrayInputStream(answer.body()), BUFFER)) {
      return gzip.readAllBytes();
    } catch (IOException e) {
      throw new KubernetesClientException("Listing pods: the answer can't be inflated", e);
    }
  }

  @Override
  public CompletableFuture<AbstractWatchManager<Pod>> submitWatch(
      ListOptions options, Watcher<Pod> watcher) {
    return plain.submitWatch(options, watcher);
  }

  @Override
  public Long getLimit() {
    return page;
  }

  @Override
  public int getWatchReconnectInterval() {
    return plain.getWatchReconnectInterval();
  }

  @Override
  public String getApiEndpointPath() {
    return plain.getApiEndpointPath();
  }

  @Override
  public Config getConfig() {
    return plain.getConfig();
  }
}
