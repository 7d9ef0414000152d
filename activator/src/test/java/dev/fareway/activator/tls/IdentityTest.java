package dev.fareway.activator.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.activator.conformance.TestCertificates;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA"})
  void parse_readsKeys_inTheirNewAndTheirOlderForm(String algorithm) throws Exception {
    var authority = new TestCertificates("one");
    Instant end = Instant.now().plus(5, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS);
    var pair = authority.issue(algorithm, end, "kn-routing");

    for (String key : new String[] {pair.keyPem(), pair.olderKeyPem()}) {
      Identity identity = parse(pair.certificatePem() + authority.authorityPem(), key);
      // That it is the certificate's own was tried as it was read.
      assertEquals(algorithm, identity.key().getAlgorithm());
      assertEquals(2, identity.chain().length);
      assertEquals(authority.authority().getNotAfter().toInstant(), identity.notAfter());
    }
    assertEquals(end, parse(pair.certificatePem(), pair.keyPem()).notAfter());
  }

  @Test
  void parse_refusesWhatDoesNotFit_andShowsNoKey() throws Exception {
    var authority = new TestCertificates("one");
    var pair = authority.issue("kn-routing");
    var rsa = authority.issue("RSA", Instant.now().plus(1, ChronoUnit.DAYS), "kn-routing");
    String key = pair.keyPem();

    for (String[] malformed :
        new String[][] {
          {pair.certificatePem(), authority.issue("kn-routing").keyPem()},
          {pair.certificatePem(), rsa.keyPem()},
          {pair.certificatePem(), ""},
          {pair.certificatePem(), key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")},
          {pair.certificatePem(), key.substring(0, 60) + "\n-----END PRIVATE KEY-----"},
          {
            pair.certificatePem(),
            pair.olderKeyPem().substring(0, 50) + "\n-----END EC PRIVATE KEY-----"
          },
          {pair.certificatePem(), "-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----"},
          {"", key},
          {key, key},
          {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", key}
        }) {
      var refused =
          assertThrows(GeneralSecurityException.class, () -> parse(malformed[0], malformed[1]));
      String message = String.valueOf(refused.getMessage());
      assertFalse(message.isEmpty());
      assertFalse(message.contains(key.split("\n", -1)[1].substring(0, 12)), message);
    }
  }

  @Test
  void serverIdentity_letsAHandshakeEndWithWhatItBeganWith() throws Exception {
    var authority = new TestCertificates("one");
    var first = authority.issue("a");
    var second = authority.issue("b");
    var shown = new ServerIdentity();
    assertEquals(null, shown.chooseServerAlias("EC", null, null));
    shown.set(parse(first.certificatePem(), first.keyPem()));
    String began = shown.chooseServerAlias("EC", null, null);
    assertEquals(null, shown.chooseServerAlias("RSA", null, null));

    shown.set(parse(second.certificatePem(), second.keyPem()));

    assertEquals(first.certificate(), shown.getCertificateChain(began)[0]);
    assertEquals(first.keys().getPrivate(), shown.getPrivateKey(began));
    String next = shown.chooseServerAlias("EC", null, null);
    assertEquals(second.certificate(), shown.getCertificateChain(next)[0]);
    shown.set(parse(first.certificatePem(), first.keyPem()));
    assertEquals(null, shown.getPrivateKey(began));
    assertTrue(shown.getPrivateKey(next) != null);
  }

  private static Identity parse(String certificates, String key) throws Exception {
    return Identity.parse(certificates.getBytes(US_ASCII), key.getBytes(US_ASCII));
  }
}
