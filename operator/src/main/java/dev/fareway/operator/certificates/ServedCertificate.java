package dev.fareway.operator.certificates;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the certificate that is in force when a handshake begins: rotation needs no restart. As a
 * client it is shown to the other replicas, which show the same.
 */
final class ServedCertificate extends X509ExtendedKeyManager {
  private static final String ALIAS = "served";

  private final AtomicReference<@Nullable Chain> current = new AtomicReference<>();

  private record Chain(List<X509Certificate> certificates, PrivateKey key) {}

  /** From now on this is shown: the server's own certificate first. */
  void show(List<X509Certificate> certificates, PrivateKey key) {
    current.set(new Chain(List.copyOf(certificates), key));
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return chooseServerAlias(keyType, issuers, null);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    Chain chain = current.get();
    return chain != null && keyType.startsWith(chain.key().getAlgorithm()) ? ALIAS : null;
  }

  /** Whether this is the certificate that is shown now: only who shares the key shows it. */
  boolean isShown(X509Certificate certificate) {
    Chain chain = current.get();
    return chain != null && chain.certificates().getFirst().equals(certificate);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return chooseServerAlias(keyType, issuers, null) == null ? null : new String[] {ALIAS};
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Chain chain = current.get();
    return chain == null ? null : chain.certificates().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Chain chain = current.get();
    return chain == null ? null : chain.key();
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return getServerAliases(keyType, issuers);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    for (String keyType : keyTypes) {
      if (chooseServerAlias(keyType, issuers, socket) != null) {
        return ALIAS;
      }
    }
    return null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    return chooseClientAlias(keyTypes, issuers, null);
  }
}
