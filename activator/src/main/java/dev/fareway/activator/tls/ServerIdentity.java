package dev.fareway.activator.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * What the TLS listener shows to whoever connects next. It can be renewed at any time: a listener
 * keeps its key manager, connections that are there keep what they were shown. Thread-safe.
 */
public final class ServerIdentity extends X509ExtendedKeyManager {
  private volatile @Nullable Numbered current;

  /** The one before: a handshake that began with it ends with it. */
  private volatile @Nullable Numbered previous;

  private record Numbered(String alias, String algorithm, Identity identity) {}

  /** Shows this from now on. */
  synchronized void set(Identity identity) {
    Numbered before = current;
    long number = before == null ? 0 : Long.parseLong(before.alias) + 1;
    previous = before;
    current =
        new Numbered(
            Long.toString(number), identity.certificate().getPublicKey().getAlgorithm(), identity);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    Numbered now = current;
    return now != null && now.algorithm.equals(keyType) ? now.alias : null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    Numbered now = current;
    return now != null && now.algorithm.equals(keyType) ? now.alias : null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Identity identity = find(alias);
    return identity == null ? null : identity.chain();
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Identity identity = find(alias);
    return identity == null ? null : identity.key();
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = chooseServerAlias(keyType, issuers, null);
    return alias == null ? null : new String[] {alias};
  }

  /** It shows nothing to those whom it connects to. */
  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  private @Nullable Identity find(String alias) {
    Numbered now = current;
    if (now != null && now.alias.equals(alias)) {
      return now.identity;
    }
    Numbered before = previous;
    return before != null && before.alias.equals(alias) ? before.identity : null;
  }
}
