package dev.fareway.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What kube-apiserver was asked for by service accounts, from its audit log. */
final class Audit {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;

  /**
   * A request.
   *
   * @param account namespace and name of who asked, {@code NAMESPACE:NAME}
   * @param resource with its subresource, if any, as roles write it
   * @param code of the answer
   */
  record Entry(String account, String group, String resource, String verb, int code) {}

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

  /** How much there is: {@link #since} reads from there. */
  long position() throws IOException {
    return Files.exists(log()) ? Files.size(log()) : 0;
  }

  /** The requests for resources since then. */
  List<Entry> since(long position) throws IOException {
    List<Entry> entries = new ArrayList<>();
    if (!Files.exists(log())) {
      return entries;
    }
    byte[] all;
    try (var file = Files.newByteChannel(log())) {
      file.position(position);
      var buffer = java.nio.ByteBuffer.allocate((int) Math.max(0, file.size() - position));
      while (buffer.hasRemaining() && file.read(buffer) >= 0) {}
      all = java.util.Arrays.copyOf(buffer.array(), buffer.position());
    }
    String text = new String(all, java.nio.charset.StandardCharsets.UTF_8);
    // The last line may be half written.
    int end = text.lastIndexOf('\n');
    for (String line : text.substring(0, Math.max(0, end)).lines().toList()) {
      JsonNode event = JSON.readTree(line);
      JsonNode object = event.path("objectRef");
      String user = event.at("/user/username").asText();
      if (object.has("resource") && user.startsWith("system:serviceaccount:")) {
        String subresource = object.path("subresource").asText();
        entries.add(
            new Entry(
                user.substring("system:serviceaccount:".length()),
                object.path("apiGroup").asText(),
                object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource),
                event.path("verb").asText(),
                event.at("/responseStatus/code").asInt()));
      }
    }
    return entries;
  }
}
