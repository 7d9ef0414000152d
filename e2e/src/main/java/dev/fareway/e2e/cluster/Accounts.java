package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Lets a process speak to the API server as one service account, as it would in its pod. */
public final class Accounts {
  private Accounts() {}

  /** Writes a kubeconfig with a token of the account. */
  public static Path kubeconfig(KubernetesClient admin, String namespace, String account, Path file)
      throws IOException {
    Config server = admin.getConfiguration();
    return Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: c
          cluster: {server: "%s", certificate-authority-data: %s}
        users:
        - name: u
          user: {token: %s}
        contexts:
        - name: x
          context: {cluster: c, user: u, namespace: %s}
        current-context: x
        """
            .formatted(
                server.getMasterUrl(),
                server.getCaCertData(),
                token(admin, namespace, account, Optional.empty(), Optional.empty()),
                namespace));
  }

  /**
   * A token of the account.
   *
   * @param audience whom it is for; empty: the API server
   * @param pod that it is bound to; empty: none
   */
  static String token(
      KubernetesClient admin,
      String namespace,
      String account,
      Optional<String> audience,
      Optional<String> pod) {
    TokenRequest request =
        new TokenRequestBuilder().withNewSpec().withExpirationSeconds(7200L).endSpec().build();
    audience.ifPresent(of -> request.getSpec().setAudiences(List.of(of)));
    TokenRequest asked =
        pod.isEmpty()
            ? request
            : new TokenRequestBuilder(request)
                .editSpec()
                .withNewBoundObjectRef()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(pod.get())
                .endBoundObjectRef()
                .endSpec()
                .build();
    return admin
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(account)
        .tokenRequest(asked)
        .getStatus()
        .getToken();
  }
}
