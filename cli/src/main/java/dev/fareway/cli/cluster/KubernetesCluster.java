package dev.fareway.cli.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.cli.cluster.ClusterFailure.Kind;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Reads over HTTPS. Kubeconfig files, the ways to log in that they name, and TLS are the Kubernetes
 * client library's; of its typed client nothing is needed.
 */
public final class KubernetesCluster implements ClusterReader {
  private static final int PAGE = 500;
  private static final int EXPIRED = 410;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Config config;
  private final HttpClient client;
  private final Duration timeout;

  private KubernetesCluster(Config config, HttpClient client, Duration timeout) {
    this.config = config;
    this.client = client;
    this.timeout = timeout;
  }

  /**
   * Reads the kubeconfig; asks nothing yet.
   *
   * @throws ClusterFailure if there is none, or it can't be used
   */
  public static KubernetesCluster open(ConnectionOptions options) {
    options.kubeconfig().ifPresent(KubernetesCluster::useFile);
    Config config;
    try {
      config = Config.autoConfigure(options.context().orElse(null));
    } catch (RuntimeException e) {
      throw new ClusterFailure(
          Kind.NO_CLUSTER, "The kubeconfig can't be read: %s.".formatted(withoutDot(reason(e))));
    }
    checkContext(config, options.context());
    config.setRequestRetryBackoffLimit(1);
    config.setConnectionTimeout(Math.toIntExact(Math.min(options.timeout().toMillis(), 10_000)));
    config.setUserAgent("kubectl-fareway");
    HttpClient client;
    try {
      client = HttpClientUtils.getHttpClientFactory().newBuilder(config).build();
    } catch (RuntimeException e) {
      throw new ClusterFailure(
          Kind.NO_CLUSTER,
          "The kubeconfig's certificates or keys can't be used: %s."
              .formatted(withoutDot(reason(e))));
    }
    return new KubernetesCluster(config, client, options.timeout());
  }

  private static void useFile(Path file) {
    if (!Files.isReadable(file)) {
      throw new ClusterFailure(
          Kind.NO_CLUSTER,
          "The kubeconfig %s is not there or can't be read. Name another with --kubeconfig."
              .formatted(file));
    }
    System.setProperty(Config.KUBERNETES_KUBECONFIG_FILE, file.toString());
  }

  private static void checkContext(Config config, Optional<String> wanted) {
    List<NamedContext> contexts = config.getContexts() == null ? List.of() : config.getContexts();
    if (wanted.isPresent()
        && contexts.stream().noneMatch(context -> wanted.get().equals(context.getName()))) {
      throw new ClusterFailure(
          Kind.NO_CLUSTER,
          "The kubeconfig has no context '%s'. %s"
              .formatted(
                  wanted.get(),
                  contexts.isEmpty()
                      ? "It has none at all."
                      : "It has: "
                          + contexts.stream()
                              .map(NamedContext::getName)
                              .sorted()
                              .collect(Collectors.joining(", "))
                          + "."));
    }
    boolean inPod = config.getAutoOAuthToken() != null;
    if (contexts.isEmpty() && !inPod && Config.DEFAULT_MASTER_URL.equals(url(config))) {
      throw new ClusterFailure(
          Kind.NO_CLUSTER,
          "There is no kubeconfig: neither --kubeconfig nor $KUBECONFIG nor ~/.kube/config names a cluster.");
    }
  }

  private static String url(Config config) {
    String url = config.getMasterUrl();
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  @Override
  public String contextNamespace() {
    String namespace = config.getNamespace();
    return namespace == null || namespace.isEmpty() ? "default" : namespace;
  }

  @Override
  public JsonNode get(String path) {
    HttpResponse<byte[]> response = send(path);
    JsonNode body = parse(path, response.body());
    if (!response.isSuccessful()) {
      throw failure(path, response.code(), body);
    }
    return body;
  }

  @Override
  public void list(String path, Consumer<JsonNode> item) {
    char join = path.indexOf('?') < 0 ? '?' : '&';
    String next = "";
    do {
      JsonNode page =
          get(
              path
                  + join
                  + "limit="
                  + PAGE
                  + (next.isEmpty()
                      ? ""
                      : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8)));
      page.path("items").forEach(item);
      next = page.path("metadata").path("continue").asText("");
    } while (!next.isEmpty());
  }

  private HttpResponse<byte[]> send(String path) {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            client
                .newHttpRequestBuilder()
                .uri(URI.create(url(config) + path))
                .header("Accept", "application/json")
                .build(),
            byte[].class);
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new ClusterFailure(
          Kind.NO_CLUSTER,
          "The API server %s did not answer within %d s. Give it longer with --request-timeout."
              .formatted(url(config), timeout.toSeconds()));
    } catch (ExecutionException e) {
      throw new ClusterFailure(
          Kind.NO_CLUSTER,
          "The API server %s can't be reached: %s. Is the cluster up, and is this the right context?"
              .formatted(url(config), withoutDot(reason(e))));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterFailure(Kind.NO_CLUSTER, "Interrupted.");
    }
  }

  private static JsonNode parse(String path, byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      // A proxy's page, or plain text: what matters is the status.
      return JSON.getNodeFactory().textNode(new String(body, StandardCharsets.UTF_8).strip());
    } catch (java.io.IOException e) {
      throw new ClusterFailure(
          Kind.REFUSED, "The answer to %s can't be read: %s".formatted(path, e.getMessage()));
    }
  }

  /** What the API server says, as a sentence. */
  static ClusterFailure failure(String path, int code, JsonNode status) {
    String said =
        withoutDot(status.path("message").asText(status.isTextual() ? status.asText() : ""));
    return switch (code) {
      case 401 ->
          new ClusterFailure(
              Kind.NOT_ALLOWED,
              "The API server does not know you (401). Log in again, or name another context with --context.");
      case 403 ->
          new ClusterFailure(
              Kind.NOT_ALLOWED,
              "You may not do this: %s.".formatted(said.isEmpty() ? "GET " + path : said));
      case 404 ->
          new ClusterFailure(
              Kind.NOT_THERE,
              status.path("details").path("name").asText("").isEmpty()
                      && path.startsWith("/apis/fareway.dev/")
                  ? "This cluster does not know Fareway's resources (%s). Install the chart, or name another context with --context."
                      .formatted(path.substring(1).replaceFirst("\\?.*", ""))
                  : "%s.".formatted(said.isEmpty() ? path + " is not there" : capital(said)));
      case EXPIRED ->
          new ClusterFailure(
              Kind.REFUSED,
              "The list changed too much while it was read (410). Run the command again.");
      default ->
          new ClusterFailure(
              Kind.REFUSED,
              "The API server answered %d to %s%s."
                  .formatted(code, path, said.isEmpty() ? "" : ": " + said));
    };
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  private static String withoutDot(String text) {
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }

  /** The innermost message that says something. */
  private static String reason(Throwable failure) {
    String reason = "";
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = at.getMessage();
      String name = at.getClass().getSimpleName();
      reason = message == null || message.isBlank() ? reason.isEmpty() ? name : reason : message;
      if (at instanceof java.net.ConnectException) {
        return "connection refused";
      }
      if (at instanceof java.net.UnknownHostException
          || at instanceof java.nio.channels.UnresolvedAddressException) {
        return "its name is not known";
      }
    }
    return reason;
  }

  @Override
  public void close() {
    client.close();
  }
}
