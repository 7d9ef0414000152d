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

/** Shows the certificate that is in force when a handshake begins: rotation needs no restart. */
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
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
