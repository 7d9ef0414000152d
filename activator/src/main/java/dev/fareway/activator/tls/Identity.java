package dev.fareway.activator.tls;

import dev.fareway.protocol.client.DnsNames;
import dev.fareway.protocol.client.Pem;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.List;

/** What a server shows to prove who it is: a certificate with its chain, and its private key. */
public final class Identity {
  private static final byte[] PROBE = {1, 2, 3, 4, 5, 6, 7, 8};

  private final List<X509Certificate> chain;
  private final PrivateKey key;

  private Identity(List<X509Certificate> chain, PrivateKey key) {
    this.chain = List.copyOf(chain);
    this.key = key;
  }

  /**
   * Reads it from PEM.
   *
   * @param certificates its own first, then those of who signed it
   * @throws GeneralSecurityException if it can't be used; the message says why and shows no key
   */
  public static Identity parse(byte[] certificates, byte[] privateKey)
      throws GeneralSecurityException {
    List<X509Certificate> chain = Pem.certificates(certificates);
    if (chain.isEmpty()) {
      throw new CertificateException("there is no certificate in PEM");
    }
    var identity = new Identity(chain, Pem.privateKey(privateKey));
    if (!identity.fits()) {
      throw new GeneralSecurityException("the private key is not the certificate's");
    }
    return identity;
  }

  X509Certificate[] chain() {
    return chain.toArray(new X509Certificate[0]);
  }

  PrivateKey key() {
    return key;
  }

  X509Certificate certificate() {
    return chain.getFirst();
  }

  /** Until when others believe it: until the first of its chain is over. */
  public Instant notAfter() {
    return chain.stream()
        .map(each -> each.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  /** Since when others believe it. */
  Instant notBefore() {
    return chain.stream()
        .map(each -> each.getNotBefore().toInstant())
        .max(Instant::compareTo)
        .orElseThrow();
  }

  /** Whether what the key signs is believed to be signed by the certificate's owner. */
  private boolean fits() throws GeneralSecurityException {
    PublicKey mine = certificate().getPublicKey();
    if (!mine.getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    String algorithm =
        switch (key) {
          case RSAKey _ -> "SHA256withRSA";
          case ECKey _ -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(key);
    signing.update(PROBE);
    byte[] signed = signing.sign();
    Signature checking = Signature.getInstance(algorithm);
    checking.initVerify(mine);
    checking.update(PROBE);
    return checking.verify(signed);
  }

  @Override
  public String toString() {
    return "the certificate of " + DnsNames.of(certificate()) + ", valid until " + notAfter();
  }
}
