package dev.fareway.operator.certificates;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.protocol.client.DnsNames;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What is made here, read by the JDK. */
@NullUnmarked
class CertificateFactoryTest {
  private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
  private static final Duration YEAR = Duration.ofDays(365);
  private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

  private final CertificateFactory factory = new CertificateFactory(new SecureRandom());

  @Test
  void authority_mayVouchForServers_andForNoAuthority() throws Exception {
    X509Certificate made = factory.authority(NOW, YEAR).certificate();

    made.verify(made.getPublicKey());
    assertEquals(3, made.getVersion());
    assertEquals("CN=Fareway authority 1795392000", made.getSubjectX500Principal().getName());
    assertEquals(0, made.getBasicConstraints());
    assertEquals(List.of(5, 6), usages(made));
    assertEquals(Date.from(NOW.minus(Duration.ofMinutes(5))), made.getNotBefore());
    assertEquals(Date.from(NOW.plus(YEAR)), made.getNotAfter());
    assertEquals(
        Set.of("2.5.29.15", "2.5.29.19"), made.getCriticalExtensionOIDs(), "others may be passed");
  }

  @Test
  void serving_isTrustedByWhoTrustsItsAuthority_forItsNames() throws Exception {
    Identity authority = factory.authority(NOW, YEAR);

    X509Certificate made =
        factory.serving(authority, List.of("a.svc", "b.svc"), NOW, YEAR).certificate();

    validate(made, authority.certificate());
    assertEquals(List.of("a.svc", "b.svc"), DnsNames.of(made));
    assertEquals(List.of(SERVER_AUTHENTICATION), made.getExtendedKeyUsage());
    assertEquals(List.of(0), usages(made));
    assertEquals(-1, made.getBasicConstraints());
    byte[] key = authority.certificate().getExtensionValue("2.5.29.14");
    byte[] named = made.getExtensionValue("2.5.29.35");
    assertArrayEquals(tail(key), tail(named), "it names the authority's key as the authority does");
  }

  @Test
  void serving_isRefusedByWhoTrustsAnotherAuthority() {
    Identity authority = factory.authority(NOW, YEAR);
    X509Certificate other = factory.authority(NOW, YEAR).certificate();
    X509Certificate made = factory.serving(authority, List.of("a.svc"), NOW, YEAR).certificate();

    assertThrows(GeneralSecurityException.class, () -> validate(made, other));
  }

  /** Lengths of more than one byte, and of more than two. */
  @Test
  void serving_holdsAsManyNamesAsAreAskedFor() throws Exception {
    Identity authority = factory.authority(NOW, YEAR);
    List<String> names =
        IntStream.range(0, 4_000).mapToObj("service-%04d.namespace.svc"::formatted).toList();

    X509Certificate made = factory.serving(authority, names, NOW, YEAR).certificate();

    validate(made, authority.certificate());
    assertEquals(names, DnsNames.of(made));
  }

  @Test
  void times_beyondTheYear2050_areReadAsTheyWereMeant() throws Exception {
    Instant late = Instant.parse("2049-12-31T23:00:00Z");

    X509Certificate made = factory.authority(late, YEAR).certificate();

    assertEquals(Date.from(late.minus(Duration.ofMinutes(5))), made.getNotBefore());
    assertEquals(Date.from(late.plus(YEAR)), made.getNotAfter());
  }

  @Test
  void serials_arePositive_andNoTwoTheSame() {
    X509Certificate first = factory.authority(NOW, YEAR).certificate();
    X509Certificate second = factory.authority(NOW, YEAR).certificate();

    assertTrue(first.getSerialNumber().signum() > 0);
    assertNotEquals(first.getSerialNumber(), second.getSerialNumber());
  }

  private static List<Integer> usages(X509Certificate certificate) {
    boolean[] all = certificate.getKeyUsage();
    return IntStream.range(0, all.length).filter(i -> all[i]).boxed().toList();
  }

  private static byte[] tail(byte[] extension) {
    return Arrays.copyOfRange(extension, extension.length - 20, extension.length);
  }

  private static void validate(X509Certificate certificate, X509Certificate trusted)
      throws GeneralSecurityException {
    var parameters = new PKIXParameters(Set.of(new TrustAnchor(trusted, null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(NOW));
    var _ =
        CertPathValidator.getInstance("PKIX")
            .validate(
                java.security.cert.CertificateFactory.getInstance("X.509")
                    .generateCertPath(List.of(certificate)),
                parameters);
  }
}
