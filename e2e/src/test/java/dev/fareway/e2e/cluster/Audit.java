package dev.fareway.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What kube-apiserver was asked for by service accounts, from its audit log. */
final class Audit {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int FORBIDDEN = 403;

  private final Path folder;
  private long read;

  /**
   * A request.
   *
   * @param account namespace and name of who asked, {@code NAMESPACE:NAME}
   * @param namespace of the object; empty: it is in none, or in any
   * @param resource with its subresource, if any, as roles write it
   * @param name of the object; empty: of none that has one yet, or of all
   * @param isLetIn whether the authorizer let it in as what it says that it is
   * @param code of the answer
   */
  record Entry(
      String account,
      String namespace,
      String group,
      String resource,
      String name,
      String verb,
      boolean isLetIn,
      int code) {

    /** Whether the answer says that it is forbidden. */
    boolean isRefused() {
      return code == FORBIDDEN;
    }
  }

  Audit(Path folder) throws IOException {
    this.folder = folder;
    Files.writeString(
        folder.resolve("audit-policy.yaml"),
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
        - level: Metadata
          userGroups: ["system:serviceaccounts"]
        - level: None
        """);
  }

  /** Arguments of the API server whose log this is. */
  List<String> arguments() {
    return List.of(
        "--audit-policy-file=" + folder.resolve("audit-policy.yaml"),
        "--audit-log-path=" + log(),
        // What is asked is there to be read at once.
        "--audit-log-mode=blocking");
  }

  private Path log() {
    return folder.resolve("audit.log");
  }

  /** All requests for resources. */
  List<Entry> all() throws IOException {
    return entries(linesFrom(0));
  }

  /** Those that came since this was asked last. */
  List<Entry> next() throws IOException {
    byte[] lines = linesFrom(read);
    read += lines.length;
    return entries(lines);
  }

  /** Whole lines: the last one may be half written. */
  private byte[] linesFrom(long position) throws IOException {
    if (!Files.exists(log())) {
      return new byte[0];
    }
    try (var file = Files.newByteChannel(log())) {
      file.position(position);
      var buffer = ByteBuffer.allocate((int) Math.max(0, file.size() - position));
      while (buffer.hasRemaining() && file.read(buffer) >= 0) {}
      int end = buffer.position();
      while (end > 0 && buffer.get(end - 1) != '\n') {
        end--;
      }
      return Arrays.copyOf(buffer.array(), end);
    }
  }

  private static List<Entry> entries(byte[] lines) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String line : new String(lines, StandardCharsets.UTF_8).lines().toList()) {
      JsonNode event = JSON.readTree(line);
      JsonNode object = event.path("objectRef");
      String user = event.at("/user/username").asText();
      if (object.has("resource") && user.startsWith("system:serviceaccount:")) {
        String subresource = object.path("subresource").asText();
        entries.add(
            new Entry(
                user.substring("system:serviceaccount:".length()),
                object.path("namespace").asText(),
                object.path("apiGroup").asText(),
                object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource),
                object.path("name").asText(),
                event.path("verb").asText(),
                event
                    .path("annotations")
                    .path("authorization.k8s.io/decision")
                    .asText()
                    .equals("allow"),
                event.at("/responseStatus/code").asInt()));
      }
    }
    return entries;
  }
}
