package dev.fareway.node.kubernetes;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the API server is, and by what it knows us.
 *
 * @param server {@code http} or {@code https}, perhaps with a path before all others
 * @param tls for {@code https}; null without
 */
public record ApiAccess(URI server, @Nullable TlsFiles tls, Token token) {
  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  public ApiAccess {
    boolean https = "https".equals(server.getScheme());
    if (server.getHost() == null || !(https || "http".equals(server.getScheme()))) {
      throw new IllegalArgumentException(
          "the API server's address '%s' is not http(s)://HOST[:PORT]".formatted(server));
    }
    if (https && tls == null) {
      tls = TlsFiles.systemTrust();
    }
  }

  /**
   * Finds it as kubectl does: the file given, else the variable {@code KUBECONFIG}, else a pod's
   * service account, else {@code ~/.kube/config}.
   *
   * @throws IOException saying what is missing or wrong, and where it was looked for
   */
  public static ApiAccess find(@Nullable Path kubeconfig, Map<String, String> environment)
      throws IOException {
    return find(kubeconfig, environment, SERVICE_ACCOUNT);
  }

  static ApiAccess find(
      @Nullable Path kubeconfig, Map<String, String> environment, Path serviceAccount)
      throws IOException {
    if (kubeconfig != null) {
      if (!Files.isReadable(kubeconfig)) {
        throw new IOException("--kubeconfig %s is not there or not readable".formatted(kubeconfig));
      }
      return Kubeconfig.read(kubeconfig);
    }
    var lookedFor = new ArrayList<String>();
    for (Path file : files(environment.getOrDefault("KUBECONFIG", ""))) {
      if (Files.isReadable(file)) {
        return Kubeconfig.read(file);
      }
      lookedFor.add(file.toString());
    }
    String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
    Path token = serviceAccount.resolve("token");
    if (!host.isEmpty() && Files.isReadable(token)) {
      return inCluster(host, environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443"), token);
    }
    lookedFor.add(token.toString());
    Path home = Path.of(environment.getOrDefault("HOME", "/"), ".kube", "config");
    if (Files.isReadable(home)) {
      return Kubeconfig.read(home);
    }
    lookedFor.add(home.toString());
    throw new IOException(
        "no API server is known: give --kubeconfig (looked for %s)"
            .formatted(String.join(", ", lookedFor)));
  }

  private static ApiAccess inCluster(String host, String port, Path token) {
    String address = host.contains(":") ? "[" + host + "]" : host;
    return new ApiAccess(
        URI.create("https://" + address + ":" + port),
        TlsFiles.trusting(token.resolveSibling("ca.crt")),
        new Token.File(token));
  }

  private static List<Path> files(String variable) {
    var files = new ArrayList<Path>();
    int from = 0;
    while (from < variable.length()) {
      int colon = variable.indexOf(':', from);
      int end = colon < 0 ? variable.length() : colon;
      if (end > from) {
        files.add(Path.of(variable.substring(from, end)));
      }
      from = end + 1;
    }
    return files;
  }

  /** The host as a socket takes it: without the brackets of an IPv6 address. */
  String host() {
    String host = server.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  int port() {
    return server.getPort() >= 0 ? server.getPort() : tls == null ? 80 : 443;
  }

  /** What stands before every path; empty or without a slash at its end. */
  String basePath() {
    String path = server.getPath() == null ? "" : server.getPath();
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
