package dev.fareway.node.kubernetes;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a kubeconfig file's current context. Programs that hand out credentials ({@code exec}) are
 * not run: the daemon is privileged.
 */
final class Kubeconfig {
  private final Path file;
  private final Map<?, ?> content;

  private Kubeconfig(Path file, Map<?, ?> content) {
    this.file = file;
    this.content = content;
  }

  /**
   * Reads one.
   *
   * @throws IOException naming the file and what is wrong in it
   */
  static ApiAccess read(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file)) {
      Object content = new Load(LoadSettings.builder().build()).loadFromReader(reader);
      if (!(content instanceof Map<?, ?> map)) {
        throw new IOException("%s is no kubeconfig".formatted(file));
      }
      return new Kubeconfig(file, map).access();
    } catch (YamlEngineException | IllegalArgumentException e) {
      throw new IOException("%s can't be understood: %s".formatted(file, e.getMessage()), e);
    }
  }

  private ApiAccess access() throws IOException {
    String current = text(content, "current-context");
    if (current == null) {
      throw new IOException("%s names no current-context".formatted(file));
    }
    Map<?, ?> context = named("contexts", current, "context");
    String clusterName = text(context, "cluster");
    String userName = text(context, "user");
    Map<?, ?> cluster = named("clusters", clusterName == null ? "" : clusterName, "cluster");
    Map<?, ?> user =
        userName == null || userName.isEmpty() ? Map.of() : named("users", userName, "user");
    String server = text(cluster, "server");
    if (server == null) {
      throw new IOException("%s: cluster '%s' has no server".formatted(file, clusterName));
    }
    for (String unsupported : List.of("exec", "auth-provider", "username")) {
      if (user.get(unsupported) != null) {
        throw new IOException(
            "%s: user '%s' is known by '%s', which the daemon does not do: give a token, a token file or a client certificate"
                .formatted(file, userName, unsupported));
      }
    }
    return new ApiAccess(
        URI.create(server),
        server.startsWith("https:")
            ? TlsFiles.of(
                pem(cluster, "certificate-authority"),
                pem(user, "client-certificate"),
                pem(user, "client-key"),
                Boolean.TRUE.equals(cluster.get("insecure-skip-tls-verify")))
            : null,
        token(user));
  }

  private Token token(Map<?, ?> user) {
    String tokenFile = text(user, "tokenFile");
    if (tokenFile != null) {
      return new Token.File(file.resolveSibling(tokenFile));
    }
    String token = text(user, "token");
    return token == null || token.isEmpty() ? new Token.None() : new Token.Fixed(token);
  }

  private TlsFiles.@Nullable Source pem(Map<?, ?> map, String key) {
    String data = text(map, key + "-data");
    if (data != null && !data.isEmpty()) {
      return new TlsFiles.Source.Content(
          new String(Base64.getMimeDecoder().decode(data), US_ASCII));
    }
    String path = text(map, key);
    return path == null || path.isEmpty()
        ? null
        : new TlsFiles.Source.File(file.resolveSibling(path));
  }

  private Map<?, ?> named(String list, String name, String field) throws IOException {
    if (content.get(list) instanceof List<?> entries) {
      for (Object entry : entries) {
        if (entry instanceof Map<?, ?> map && name.equals(map.get("name"))) {
          return map.get(field) instanceof Map<?, ?> value ? value : Map.of();
        }
      }
    }
    throw new IOException("%s has no entry '%s' in %s".formatted(file, name, list));
  }

  private static @Nullable String text(Map<?, ?> map, String key) {
    Object value = map.get(key);
    return value == null ? null : value.toString();
  }
}
