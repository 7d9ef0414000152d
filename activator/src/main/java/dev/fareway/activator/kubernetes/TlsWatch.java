package dev.fareway.activator.kubernetes;

import dev.fareway.activator.tls.Identity;
import dev.fareway.activator.tls.InternalTls;
import dev.fareway.protocol.client.Pem;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches what TLS between Knative's parts needs: the Secret with the activator's certificate and
 * key, and the ConfigMaps with further authorities. Neither is kept: of a Secret that was read only
 * its certificates and its key remain.
 */
public final class TlsWatch implements AutoCloseable {
  /** The Secret, as Knative's own activator has it. */
  public static final String SECRET = "routing-serving-certs";

  private static final Logger LOG = LoggerFactory.getLogger(TlsWatch.class);
  private static final String BUNDLE = "networking.knative.dev/trust-bundle";
  private static final String AUTHORITY = "ca.crt";
  private static final String CERTIFICATE = "tls.crt";
  private static final String KEY = "tls.key";

  private final InternalTls tls;
  private final Executor loop;
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();
  private boolean isStarted;

  /**
   * A watch that is not started yet.
   *
   * @param namespace Knative's
   * @param loop runs what it is given on the thread of {@code tls}, in order
   */
  public TlsWatch(KubernetesClient client, String namespace, InternalTls tls, Executor loop) {
    this.tls = tls;
    this.loop = loop;
    informers.add(
        client
            .secrets()
            .inNamespace(namespace)
            .withName(SECRET)
            .runnableInformer(0)
            .exceptionHandler(
                (_, failure) -> {
                  loop.execute(
                      () ->
                          tls.noIdentity(
                              "can't be read (it must be allowed to list and watch it): "
                                  + failure.getMessage()));
                  return true;
                })
            .itemStore(new LeanStore<>(Secret::new))
            .addEventHandler(new EventHandler<>(this::secret, this::secretGone)));
    var isTold = new AtomicBoolean();
    informers.add(
        client
            .configMaps()
            .inNamespace(namespace)
            .withLabel(BUNDLE)
            .runnableInformer(0)
            .exceptionHandler(
                (_, failure) -> {
                  if (isTold.compareAndSet(false, true)) {
                    LOG.error(
                        "ConfigMaps in {} can't be read, so authorities in those labelled {} are not known; allow list"
                            + " and watch: {}",
                        namespace,
                        BUNDLE,
                        failure.getMessage());
                  }
                  return true;
                })
            .itemStore(new LeanStore<>(ConfigMap::new))
            .addEventHandler(new EventHandler<>(this::bundle, this::bundleGone)));
  }

  /**
   * Starts watching, if it does not yet. What is missing is known to {@link InternalTls}: nothing
   * waits for this.
   */
  public void start() {
    if (!isStarted) {
      isStarted = true;
      informers.forEach(
          informer -> {
            var _ = informer.start();
          });
    }
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::stop);
  }

  private void secret(Secret secret) {
    Map<String, String> data = Annotations.orEmpty(secret.getData());
    identity(data);
    String authority = data.getOrDefault(AUTHORITY, "");
    authorities(
        "Secret " + SECRET, List.of(new String(decoded(authority), StandardCharsets.ISO_8859_1)));
  }

  private void identity(Map<String, String> data) {
    for (String key : List.of(CERTIFICATE, KEY)) {
      if (data.getOrDefault(key, "").isEmpty()) {
        loop.execute(() -> tls.noIdentity("has no " + key));
        return;
      }
    }
    byte[] key = decoded(data.getOrDefault(KEY, ""));
    try {
      Identity identity = Identity.parse(decoded(data.getOrDefault(CERTIFICATE, "")), key);
      loop.execute(() -> tls.identity(identity));
    } catch (GeneralSecurityException malformed) {
      loop.execute(
          () ->
              tls.noIdentity(
                  "can't be used (" + CERTIFICATE + ", " + KEY + "): " + malformed.getMessage()));
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private void secretGone(Secret secret) {
    loop.execute(() -> tls.noIdentity("was deleted"));
  }

  private void bundle(ConfigMap bundle) {
    authorities(
        "ConfigMap " + bundle.getMetadata().getName(),
        List.copyOf(Annotations.orEmpty(bundle.getData()).values()));
  }

  private void bundleGone(ConfigMap bundle) {
    String source = "ConfigMap " + bundle.getMetadata().getName();
    loop.execute(() -> tls.authorities(source, List.of()));
  }

  private void authorities(String source, List<String> texts) {
    var all = new ArrayList<X509Certificate>();
    for (String pem : texts) {
      try {
        List<X509Certificate> found = Pem.certificates(pem.getBytes(StandardCharsets.ISO_8859_1));
        if (found.isEmpty() && !pem.isBlank()) {
          throw new CertificateException("there is no certificate in PEM");
        }
        all.addAll(found);
      } catch (CertificateException malformed) {
        LOG.error(
            "{} has an authority that is malformed, and is not followed: what it said last holds: {}",
            source,
            malformed.getMessage());
        return;
      }
    }
    loop.execute(() -> tls.authorities(source, all));
  }

  private static byte[] decoded(@Nullable String base64) {
    try {
      return Base64.getDecoder().decode(base64 == null ? "" : base64);
    } catch (IllegalArgumentException malformed) {
      return new byte[0];
    }
  }
}
