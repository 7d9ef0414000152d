package dev.fareway.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiAccessTest {
  @TempDir Path folder;

  private Path kubeconfig(String user) throws IOException {
    return Files.writeString(
        folder.resolve("config"),
        """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts: [{name: here, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {server: "http://127.0.0.1:6443/prefix/"}}]
        users: [{name: u, user: %s}]
        """
            .formatted(user));
  }

  @Test
  void find_readsAKubeconfig() throws Exception {
    Files.writeString(folder.resolve("t"), "first\n");
    ApiAccess access = ApiAccess.find(kubeconfig("{tokenFile: t}"), Map.of());

    assertEquals("127.0.0.1", access.host());
    assertEquals(6443, access.port());
    assertEquals("/prefix", access.basePath());
    assertEquals("first", access.token().value());
    Files.writeString(folder.resolve("t"), "renewed");
    assertEquals("renewed", access.token().value());
  }

  @Test
  void find_refusesToRunPrograms() throws Exception {
    Path file = kubeconfig("{exec: {command: sh}}");

    var refused = assertThrows(IOException.class, () -> ApiAccess.find(file, Map.of()));
    assertTrue(String.valueOf(refused.getMessage()).contains("'exec'"), refused::getMessage);
  }

  @Test
  void find_takesTheVariable_thenTheServiceAccount() throws Exception {
    Path file = kubeconfig("{token: fixed}");
    Path account = Files.createDirectory(folder.resolve("account"));
    Files.writeString(account.resolve("token"), "account-token");
    Map<String, String> pod =
        Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443");

    ApiAccess inCluster = ApiAccess.find(null, pod, account);
    assertEquals("fd00::1", inCluster.host());
    assertEquals(6443, inCluster.port());
    assertEquals("account-token", inCluster.token().value());
    ApiAccess byVariable =
        ApiAccess.find(null, Map.of("KUBECONFIG", folder.resolve("no") + ":" + file), account);
    assertEquals("fixed", byVariable.token().value());
  }

  @Test
  void find_saysWhereItLooked_whenThereIsNothing() {
    var nothing =
        assertThrows(
            IOException.class,
            () -> ApiAccess.find(null, Map.of("HOME", folder.toString()), folder));
    assertTrue(
        String.valueOf(nothing.getMessage()).contains(folder.resolve(".kube/config").toString()),
        nothing::getMessage);
  }

  @Test
  void secrets_areNotPrinted() {
    assertTrue(!new Token.Fixed("secret").toString().contains("secret"));
    assertTrue(!new TlsFiles.Source.Content("secret").toString().contains("secret"));
  }
}
