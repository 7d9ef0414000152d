package dev.fareway.operator.certificates;

import dev.fareway.operator.OperatorConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jboss.logging.Logger;

/**
 * The certificate of the operator's ports: its own, shared by all replicas, or one from files that
 * somebody else keeps fresh.
 */
@Singleton
public class Certificates {
  private static final Logger LOG = Logger.getLogger(Certificates.class);
  private static final int STOP_SECONDS = 5;

  private final OperatorConfig config;
  private final Optional<Source> source;
  private final ServedCertificate served = new ServedCertificate();
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("certificates").daemon().factory());
  private String authorities = "";

  /** Where the certificate comes from. */
  interface Source {
    /** What is in force now. */
    Current current() throws IOException;

    /** Makes known whom to trust, if that is not known. */
    void publish(String authorities);
  }

  /**
   * What is in force.
   *
   * @param serving what is shown
   * @param chain certificates that lead from it to an authority, beginning with itself
   * @param authorities whom to trust, as PEM; empty if that is published by others
   */
  record Current(Identity serving, List<X509Certificate> chain, String authorities) {}

  Certificates(OperatorConfig config, KubernetesClient client, Clock clock) {
    this.config = config;
    this.source = source(config.certificates(), config.namespace(), client, clock);
  }

  private static Optional<Source> source(
      OperatorConfig.Certificates config, String namespace, KubernetesClient client, Clock clock) {
    if (config.folder().isPresent()) {
      return Optional.of(new FileCertificates(Path.of(config.folder().get())));
    }
    return config
        .names()
        .map(
            names ->
                new SharedCertificates(
                    client,
                    clock,
                    new Rotation(new CertificateFactory(new SecureRandom()), names),
                    namespace,
                    config.secret(),
                    config.configMap(),
                    config.configMapNamespaces().orElse(List.of())));
  }

  /** Whether there is a certificate to show, now that it is started. */
  public boolean areConfigured() {
    return source.isPresent();
  }

  /**
   * Has a certificate when this returns, and keeps it fresh from then on.
   *
   * @throws IOException if there is none to be had, with the reason
   */
  public void start() throws IOException {
    if (source.isEmpty()) {
      return;
    }
    refresh(source.get());
    long period = config.certificates().period().toMillis();
    var _ =
        thread.scheduleWithFixedDelay(this::tryToRefresh, period, period, TimeUnit.MILLISECONDS);
  }

  /** For a server's TLS; shows what is in force when a client comes. */
  public X509ExtendedKeyManager keyManager() {
    return served;
  }

  /** For TLS between the replicas, in both directions: trusts those who share the key. */
  public X509ExtendedTrustManager replicas() {
    return new SameOperator(served);
  }

  /** Whether a certificate is that of this operator's replicas, as it is now. */
  public boolean isOwn(Certificate certificate) {
    return certificate instanceof X509Certificate x509 && served.isShown(x509);
  }

  /**
   * Is told whom to trust, as PEM, now and at every look: who passes it on can fail, and others can
   * take out what he wrote. On one thread.
   */
  public synchronized void onAuthorities(Consumer<String> listener) {
    listeners.add(listener);
    if (!authorities.isEmpty()) {
      listener.accept(authorities);
    }
  }

  /** Ends keeping it fresh. */
  public void stop() throws InterruptedException {
    thread.shutdownNow();
    if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("The thread that keeps certificates fresh did not end in time");
    }
  }

  private void tryToRefresh() {
    try {
      refresh(source.orElseThrow());
    } catch (IOException | RuntimeException e) {
      LOG.warnf("The certificate could not be looked at, and stays as it is: %s", e.getMessage());
    }
  }

  private synchronized void refresh(Source from) throws IOException {
    Current now = from.current();
    served.show(now.chain(), now.serving().key());
    from.publish(now.authorities());
    if (!now.authorities().equals(authorities)) {
      authorities = now.authorities();
      LOG.infof("The operator's ports show %s", now.serving());
    }
    for (Consumer<String> listener : listeners) {
      listener.accept(authorities);
    }
  }
}
