package dev.fareway.operator.certificates;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts the replicas of this operator and nobody else: they share one certificate and its key, so
 * who can finish a handshake with the one that is shown here is one of them. No authority and no
 * host name is looked at. While a renewed one has not reached every replica yet, for a minute at
 * most, they don't know each other.
 */
final class SameOperator extends X509ExtendedTrustManager {
  private final ServedCertificate served;

  SameOperator(ServedCertificate served) {
    this.served = served;
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0 || !served.isShown(chain[0])) {
      throw new CertificateException("that is no replica of this operator");
    }
    chain[0].checkValidity();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  /** None is named: who has a certificate of this operator knows to show it. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
