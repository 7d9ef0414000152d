package dev.fareway.activator.conformance;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** Authorities and the certificates that they sign, as cert-manager would make them. */
public final class TestCertificates {
  private static final Duration DAY = Duration.ofDays(1);
  private static long serial = 1;

  private final X500Name name;
  private final KeyPair keys;
  private final X509Certificate certificate;

  /** An authority. */
  public TestCertificates(String commonName) throws Exception {
    name = new X500Name("CN=" + commonName);
    keys = keys("EC");
    certificate = sign(name, keys, List.of(), Instant.now().plus(DAY), true);
  }

  /** A certificate with its key. */
  public record Pair(X509Certificate certificate, KeyPair keys) {
    public String certificatePem() throws Exception {
      return pem(certificate);
    }

    /** In PKCS #8. */
    public String keyPem() {
      return "-----BEGIN PRIVATE KEY-----\n"
          + Base64.getMimeEncoder(64, new byte[] {'\n'})
              .encodeToString(keys.getPrivate().getEncoded())
          + "\n-----END PRIVATE KEY-----\n";
    }

    /** In the older form of its algorithm, as cert-manager writes it by default. */
    public String olderKeyPem() throws Exception {
      if (!(keys.getPrivate() instanceof java.security.interfaces.ECPrivateKey key)) {
        return pem(keys.getPrivate());
      }
      return pem(
          new PemObject(
              "EC PRIVATE KEY",
              new ECPrivateKey(256, key.getS(), SECObjectIdentifiers.secp256r1).getEncoded()));
    }

    PemKeyCertOptions options() throws Exception {
      return new PemKeyCertOptions()
          .setCertValue(Buffer.buffer(certificatePem()))
          .setKeyValue(Buffer.buffer(keyPem()));
    }
  }

  /** Itself. */
  public X509Certificate authority() {
    return certificate;
  }

  public String authorityPem() throws Exception {
    return pem(certificate);
  }

  /** A certificate for these names that is valid for a day. */
  public Pair issue(String... names) throws Exception {
    return issue("EC", Instant.now().plus(DAY), names);
  }

  /** A certificate for these names. */
  public Pair issue(String algorithm, Instant notAfter, String... names) throws Exception {
    KeyPair own = keys(algorithm);
    return new Pair(sign(new X500Name("O=knative.dev"), own, List.of(names), notAfter, false), own);
  }

  private X509Certificate sign(
      X500Name subject, KeyPair own, List<String> names, Instant notAfter, boolean isAuthority)
      throws Exception {
    var builder =
        new JcaX509v3CertificateBuilder(
            name,
            BigInteger.valueOf(next()),
            Date.from(notAfter.minus(DAY).minus(DAY)),
            Date.from(notAfter),
            subject,
            own.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
    if (isAuthority) {
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    } else if (!names.isEmpty()) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              names.stream()
                  .map(each -> new GeneralName(GeneralName.dNSName, each))
                  .toArray(GeneralName[]::new)));
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }

  private static synchronized long next() {
    return serial++;
  }

  private static KeyPair keys(String algorithm) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(algorithm.equals("EC") ? 256 : 2048);
    return generator.generateKeyPair();
  }

  private static String pem(Object object) throws Exception {
    var out = new StringWriter();
    try (var writer = new JcaPEMWriter(out)) {
      writer.writeObject(object);
    }
    return out.toString();
  }
}
