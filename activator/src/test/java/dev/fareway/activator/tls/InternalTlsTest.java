package dev.fareway.activator.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.activator.conformance.TestCertificates;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InternalTlsTest {
  private final ServerIdentity shown = new ServerIdentity();
  private final PodTrust trust = new PodTrust();
  private Instant now = Instant.now();
  private final InternalTls tls = new InternalTls(shown, trust, "ns/certs", () -> now);

  @Test
  void whyNotReady_isNothing_whileTlsIsNotWanted() {
    assertEquals("", tls.whyNotReady());
    tls.noIdentity("was deleted");
    assertEquals("", tls.whyNotReady());
  }

  @Test
  void whyNotReady_saysWhatIsMissing_andThenNothing() throws Exception {
    var authority = new TestCertificates("one");
    tls.wanted(true);
    expect("Secret ns/certs is not there; Knative's controller makes it");
    tls.noIdentity("has no tls.key");
    expect("Secret ns/certs has no tls.key");
    tls.identity(identity(authority.issue("a")));
    expect("there is no valid authority");
    tls.authorities("Secret", List.of(authority.authority()));
    assertEquals("", tls.whyNotReady());
    tls.authorities("Secret", List.of());
    expect("there is no valid authority");
    tls.authorities("ConfigMap a", List.of(authority.authority()));
    assertEquals("", tls.whyNotReady());
  }

  @Test
  void certificate_isGoneOnWith_untilItIsOver_whateverTheSecretSaysThen() throws Exception {
    var authority = new TestCertificates("one");
    Instant end = now.plus(2, ChronoUnit.HOURS);
    tls.wanted(true);
    tls.authorities("Secret", List.of(authority.authority()));
    tls.identity(identity(authority.issue("EC", end, "a")));
    tls.noIdentity("was deleted");
    assertEquals("", tls.whyNotReady());
    assertNotNull(shown.chooseServerAlias("EC", null, null));

    now = end;

    expect("the certificate in Secret ns/certs is over since");
    expect("and the Secret now was deleted");
    tls.identity(identity(authority.issue("EC", now.plus(1, ChronoUnit.HOURS), "a")));
    assertEquals("", tls.whyNotReady());
    now = now.minus(10, ChronoUnit.DAYS);
    expect("is not valid before");
  }

  @Test
  void authority_thatIsOver_isNone() throws Exception {
    var authority = new TestCertificates("one");
    tls.wanted(true);
    tls.authorities("Secret", List.of(authority.authority()));
    tls.identity(identity(authority.issue("EC", now.plus(60, ChronoUnit.DAYS), "a")));
    now = authority.authority().getNotAfter().toInstant();
    tls.identity(identity(authority.issue("EC", now.plus(1, ChronoUnit.DAYS), "a")));
    expect("there is no valid authority");
  }

  @Test
  void metrics_sayWhenTheCertificateIsOver() throws Exception {
    var authority = new TestCertificates("one");
    var pair = authority.issue("a");
    tls.identity(identity(pair));
    var out = new StringBuilder();
    tls.writeMetrics(out);
    assertTrue(
        out.toString()
            .contains(
                "fareway_activator_tls_certificate_expiry_seconds "
                    + pair.certificate().getNotAfter().toInstant().getEpochSecond()
                    + "\n"),
        out.toString());
  }

  @Test
  void options_areReadAsKnativesEnvironmentHasThem() {
    assertEquals(TlsOptions.DEFAULTS, TlsOptions.parse("1.3", "1.3", ""));
    assertEquals(Set.of("TLSv1.2", "TLSv1.3"), TlsOptions.parse("1.2", "1.3", "").protocols());
    assertEquals(
        List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"),
        TlsOptions.parse("1.3", "1.3", "TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256")
            .cipherSuites());
  }

  @ParameterizedTest
  @CsvSource({
    "1.1,1.3,'','1.1'",
    "1.3,1.4,'','1.4'",
    "1.3,1.2,'',from 1.3 to 1.2",
    "1.3,1.3,TLS_NONE,'TLS_NONE'"
  })
  void options_thatCantBe_areRefusedByName(
      String lowest, String highest, String suites, String named) {
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class, () -> TlsOptions.parse(lowest, highest, suites))
                .getMessage());
    assertTrue(message.contains(named), message);
  }

  private void expect(String why) {
    assertTrue(tls.whyNotReady().contains(why), tls.whyNotReady());
  }

  private static Identity identity(TestCertificates.Pair pair) throws Exception {
    return Identity.parse(
        pair.certificatePem().getBytes(US_ASCII), pair.keyPem().getBytes(US_ASCII));
  }
}
