package dev.fareway.activator.tls;

import dev.fareway.protocol.client.DnsNames;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which pods are believed to be what they are connected to for: those whose certificate is of an
 * authority that Knative trusts and has the name of the queue-proxies of the function's namespace.
 * That name is the peer's host of the engine. Without an authority no one is believed. Thread-safe;
 * the authorities can change at any time, for connections that are opened from then on.
 */
public final class PodTrust extends X509ExtendedTrustManager {
  private static final X509Certificate[] NONE = new X509Certificate[0];

  private volatile @Nullable X509TrustManager chains;
  private volatile long version;
  private final LongAdder refused = new LongAdder();

  /** Believes who these authorities vouch for. */
  synchronized void set(Collection<X509Certificate> authorities) {
    chains = authorities.isEmpty() ? null : chains(authorities);
    // What was agreed on under others must not be resumed.
    version++;
  }

  /** Grows with each change of the authorities. */
  public long version() {
    return version;
  }

  /** How many certificates were refused. */
  public long refused() {
    return refused.sum();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    try {
      check(chain, authType, engine.getPeerHost());
    } catch (CertificateException e) {
      refused.increment();
      throw e;
    }
  }

  private void check(X509Certificate[] chain, String authType, @Nullable String name)
      throws CertificateException {
    X509TrustManager byAuthority = chains;
    if (byAuthority == null) {
      throw new CertificateException("there is no authority to know pods by");
    }
    byAuthority.checkServerTrusted(chain, authType);
    List<String> names = DnsNames.of(chain[0]);
    if (name == null || !names.contains(name)) {
      throw new CertificateException(
          "its certificate is for %s, not for %s".formatted(names, name));
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("whose certificate it should be is not known");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("whose certificate it should be is not known");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("callers are not known by certificates");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("callers are not known by certificates");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("callers are not known by certificates");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return NONE;
  }

  private static X509TrustManager chains(Collection<X509Certificate> authorities) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      int number = 0;
      for (X509Certificate authority : authorities) {
        store.setCertificateEntry("authority-" + number++, authority);
      }
      var factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (TrustManager each : factory.getTrustManagers()) {
        if (each instanceof X509TrustManager found) {
          return found;
        }
      }
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java can't check certificates", e);
    }
    throw new IllegalStateException("this Java has no PKIX trust manager");
  }
}
