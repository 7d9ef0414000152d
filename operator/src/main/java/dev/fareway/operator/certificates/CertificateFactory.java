package dev.fareway.operator.certificates;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fareway.protocol.client.DnsNames;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * Makes keys and certificates (RFC 5280): ECDSA over P-256, valid a little before now, for slow
 * clocks.
 */
final class CertificateFactory {
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
  private static final int SERIAL_BITS = 127;
  private static final int KEY_IDENTIFIER_BYTES = 20;

  private static final String KEY_IDENTIFIER = "2.5.29.14";
  private static final String KEY_USAGE = "2.5.29.15";
  private static final String ALTERNATIVE_NAMES = "2.5.29.17";
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";
  private static final String AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
  private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
  private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

  private static final int DIGITAL_SIGNATURE = 0;
  private static final int SIGN_CERTIFICATES = 5;
  private static final int SIGN_REVOCATIONS = 6;

  /** ECDSA with SHA-256. */
  private static final byte[] ALGORITHM = Der.sequence(Der.identifier("1.2.840.10045.4.3.2"));

  private static final byte[] VERSION_3 = Der.tagged(0, Der.integer(BigInteger.TWO));

  private final SecureRandom random;

  CertificateFactory(SecureRandom random) {
    this.random = random;
  }

  /** An authority that vouches for itself. */
  Identity authority(Instant now, Duration lifetime) {
    try {
      KeyPair keys = keys();
      var name = new X500Principal("CN=Fareway authority " + now.getEpochSecond());
      byte[] extensions =
          Der.sequence(
              // It signs no authorities in turn.
              extension(
                  BASIC_CONSTRAINTS,
                  true,
                  Der.sequence(Der.isTrue(), Der.integer(BigInteger.ZERO))),
              extension(KEY_USAGE, true, Der.namedBits(SIGN_CERTIFICATES, SIGN_REVOCATIONS)),
              extension(KEY_IDENTIFIER, false, Der.octets(identifier(keys.getPublic()))));
      return new Identity(
          signed(name, name, keys.getPublic(), now, lifetime, extensions, keys.getPrivate()),
          keys.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("an authority's certificate can't be made", e);
    }
  }

  /** What a server shows, for these host names. */
  Identity serving(Identity signer, List<String> names, Instant now, Duration lifetime) {
    byte[][] hosts =
        names.stream()
            .map(name -> Der.implicit(DnsNames.KIND, name.getBytes(US_ASCII)))
            .toArray(byte[][]::new);
    try {
      KeyPair keys = keys();
      byte[] extensions =
          Der.sequence(
              extension(BASIC_CONSTRAINTS, true, Der.sequence()),
              extension(KEY_USAGE, true, Der.namedBits(DIGITAL_SIGNATURE)),
              extension(
                  EXTENDED_KEY_USAGE, false, Der.sequence(Der.identifier(SERVER_AUTHENTICATION))),
              extension(ALTERNATIVE_NAMES, false, Der.sequence(hosts)),
              extension(
                  AUTHORITY_KEY_IDENTIFIER,
                  false,
                  Der.sequence(Der.implicit(0, identifier(signer.certificate())))));
      return new Identity(
          signed(
              signer.certificate().getSubjectX500Principal(),
              new X500Principal("CN=Fareway operator"),
              keys.getPublic(),
              now,
              lifetime,
              extensions,
              signer.key()),
          keys.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate can't be made for " + names, e);
    }
  }

  private KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  /** Names a key: any name will do that no other key has (RFC 7093, method 4). */
  private static byte[] identifier(PublicKey key) throws GeneralSecurityException {
    return Arrays.copyOf(
        MessageDigest.getInstance("SHA-256").digest(key.getEncoded()), KEY_IDENTIFIER_BYTES);
  }

  /** What an authority's certificate calls its key, whoever made the certificate. */
  private static byte[] identifier(X509Certificate authority) throws GeneralSecurityException {
    byte[] extension = authority.getExtensionValue(KEY_IDENTIFIER);
    // An octet string in an octet string, both short: two bytes of tag and length each.
    return extension == null
        ? identifier(authority.getPublicKey())
        : Arrays.copyOfRange(extension, 4, extension.length);
  }

  private static byte[] extension(String identifier, boolean critical, byte[] value) {
    return critical
        ? Der.sequence(Der.identifier(identifier), Der.isTrue(), Der.octets(value))
        : Der.sequence(Der.identifier(identifier), Der.octets(value));
  }

  private X509Certificate signed(
      X500Principal issuer,
      X500Principal subject,
      PublicKey key,
      Instant now,
      Duration lifetime,
      byte[] extensions,
      PrivateKey by)
      throws GeneralSecurityException {
    byte[] content =
        Der.sequence(
            VERSION_3,
            Der.integer(new BigInteger(SERIAL_BITS, random).setBit(0)),
            ALGORITHM,
            issuer.getEncoded(),
            Der.sequence(Der.time(now.minus(CLOCK_SKEW)), Der.time(now.plus(lifetime))),
            subject.getEncoded(),
            key.getEncoded(),
            Der.tagged(3, extensions));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(by, random);
    signature.update(content);
    byte[] whole = Der.sequence(content, ALGORITHM, Der.bits(signature.sign()));
    return (X509Certificate)
        java.security.cert.CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(whole));
  }
}
