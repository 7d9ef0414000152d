package dev.fareway.operator.certificates;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;

/** Certificates and keys as the texts that are kept and published (RFC 7468). */
final class Pem {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
  private static final String KEY = "PRIVATE KEY";
  private static final String CERTIFICATE = "CERTIFICATE";

  private Pem() {}

  static String of(Collection<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      try {
        text.append(block(CERTIFICATE, certificate.getEncoded()));
      } catch (CertificateEncodingException e) {
        throw new IllegalStateException("a certificate can't be written", e);
      }
    }
    return text.toString();
  }

  static String of(PrivateKey key) {
    return block(KEY, key.getEncoded());
  }

  /**
   * Reads certificates.
   *
   * @throws GeneralSecurityException if there are none, or one is none
   */
  static List<X509Certificate> certificates(String text) throws GeneralSecurityException {
    List<X509Certificate> all =
        java.security.cert.CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(text.getBytes(UTF_8)))
            .stream()
            .map(X509Certificate.class::cast)
            .toList();
    if (all.isEmpty()) {
      throw new CertificateException("there is no certificate");
    }
    return all;
  }

  /**
   * Reads an unencrypted key in PKCS #8, for an elliptic curve or RSA.
   *
   * @throws GeneralSecurityException if it is none; the message doesn't show it
   */
  static PrivateKey key(String text) throws GeneralSecurityException {
    String begin = "-----BEGIN " + KEY + "-----";
    int from = text.indexOf(begin);
    int to = text.indexOf("-----END " + KEY + "-----");
    if (from < 0 || to < from) {
      throw new GeneralSecurityException("there is no unencrypted PKCS #8 private key");
    }
    byte[] bytes;
    try {
      bytes = Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("the private key is no base64", e);
    }
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(bytes);
    try {
      return KeyFactory.getInstance("EC").generatePrivate(spec);
    } catch (GeneralSecurityException e) {
      return KeyFactory.getInstance("RSA").generatePrivate(spec);
    }
  }

  private static String block(String type, byte[] bytes) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(type, LINES.encodeToString(bytes), type);
  }
}
