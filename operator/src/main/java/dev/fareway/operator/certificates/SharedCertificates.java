package dev.fareway.operator.certificates;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The operator's own certificate, in a Secret that its replicas share: who finds that it has to be
 * renewed writes it over the version that it read, and who comes second takes what the first wrote.
 */
final class SharedCertificates implements Certificates.Source {
  private static final Logger LOG = Logger.getLogger(SharedCertificates.class);
  private static final int ATTEMPTS = 5;
  private static final int CONFLICT = 409;
  private static final int FORBIDDEN = 403;
  private static final String AUTHORITIES = "ca.crt";

  private final KubernetesClient client;
  private final Clock clock;
  private final Rotation rotation;
  private final String namespace;
  private final String secretName;
  private final String configMapName;
  private final List<String> otherNamespaces;

  SharedCertificates(
      KubernetesClient client,
      Clock clock,
      Rotation rotation,
      String namespace,
      String secretName,
      String configMapName,
      List<String> otherNamespaces) {
    this.otherNamespaces = List.copyOf(otherNamespaces);
    this.client = client;
    this.clock = clock;
    this.rotation = rotation;
    this.namespace = namespace;
    this.secretName = secretName;
    this.configMapName = configMapName;
  }

  @Override
  public Certificates.Current current() throws IOException {
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        Secret secret = client.secrets().inNamespace(namespace).withName(secretName).get();
        Optional<KeyMaterial> before = read(secret);
        KeyMaterial now = rotation.renew(before, clock.instant());
        if (now.equals(before.orElse(null)) || isWritten(secret, now)) {
          return new Certificates.Current(
              now.serving(), List.of(now.serving().certificate()), Pem.of(now.authorities()));
        }
      }
    } catch (KubernetesClientException e) {
      if (e.getCode() == FORBIDDEN) {
        throw new IOException(
            "Secret %s/%s is not there or not the operator's to write: the chart makes it, empty; run helm upgrade (%s)"
                .formatted(namespace, secretName, e.getMessage()),
            e);
      }
      throw new IOException("Secret %s/%s: %s".formatted(namespace, secretName, e.getMessage()), e);
    }
    throw new IOException(
        "Secret %s/%s is changed by others all the time".formatted(namespace, secretName));
  }

  private Optional<KeyMaterial> read(@Nullable Secret secret) {
    try {
      return secret == null ? Optional.empty() : SecretMaterial.read(secret.getData());
    } catch (GeneralSecurityException e) {
      // Nobody can use it: better new ones than none.
      LOG.warnf(
          "Secret %s/%s can't be read and is made anew: %s", namespace, secretName, e.getMessage());
      return Optional.empty();
    }
  }

  private boolean isWritten(@Nullable Secret before, KeyMaterial now) {
    Map<String, String> data = SecretMaterial.data(now);
    try {
      if (before == null) {
        client
            .secrets()
            .inNamespace(namespace)
            .resource(
                new SecretBuilder()
                    .withNewMetadata()
                    .withName(secretName)
                    .addToLabels("app.kubernetes.io/part-of", "fareway")
                    .endMetadata()
                    .withType("Opaque")
                    .withData(data)
                    .build())
            .create();
      } else {
        client
            .secrets()
            .inNamespace(namespace)
            .resource(new SecretBuilder(before).withData(data).build())
            .lockResourceVersion(before.getMetadata().getResourceVersion())
            .update();
      }
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == CONFLICT) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void publish(String authorities) {
    publish(namespace, authorities);
    for (String other : otherNamespaces) {
      try {
        publish(other, authorities);
      } catch (KubernetesClientException e) {
        // The operator works without; who reads it there finds out.
        LOG.warnf(
            "ConfigMap %s/%s does not tell whom to trust: %s",
            other, configMapName, e.getMessage());
      }
    }
  }

  private void publish(String in, String authorities) {
    ConfigMap before = client.configMaps().inNamespace(in).withName(configMapName).get();
    if (before != null && Objects.equals(Map.of(AUTHORITIES, authorities), before.getData())) {
      return;
    }
    ConfigMap now =
        new ConfigMapBuilder(before == null ? new ConfigMap() : before)
            .editOrNewMetadata()
            .withName(configMapName)
            .addToLabels("app.kubernetes.io/part-of", "fareway")
            .endMetadata()
            .withData(Map.of(AUTHORITIES, authorities))
            .build();
    var maps = client.configMaps().inNamespace(in).resource(now);
    // The chart makes an empty one, so that no right to make any is needed.
    var _ = before == null ? maps.create() : maps.update();
  }
}
