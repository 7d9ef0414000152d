package dev.fareway.operator.certificates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.protocol.client.DnsNames;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class RotationTest {
  private static final Instant START = Instant.parse("2026-11-23T00:00:00Z");
  private static final List<String> NAMES = List.of("operator.example.svc", "webhook.example.svc");

  private final CertificateFactory factory = new CertificateFactory(new SecureRandom());
  private final Rotation rotation = new Rotation(factory, NAMES);

  @Test
  void firstMaterial_isFitForItsNames_andStaysAsItIs() throws Exception {
    KeyMaterial material = rotation.renew(Optional.empty(), START);

    assertEquals(NAMES, DnsNames.of(material.serving().certificate()));
    material.serving().certificate().verify(material.signer().certificate().getPublicKey());
    assertSame(material, rotation.renew(Optional.of(material), START.plus(Duration.ofDays(30))));
  }

  @Test
  void otherNames_needAnotherCertificate_ofTheSameAuthority() {
    KeyMaterial material = rotation.renew(Optional.empty(), START);

    KeyMaterial now =
        new Rotation(factory, List.of("other.svc")).renew(Optional.of(material), START);

    assertEquals(List.of("other.svc"), DnsNames.of(now.serving().certificate()));
    assertSame(material.signer(), now.signer());
  }

  /** Whoever has trusted what was published a day ago can check what is shown now. */
  @Test
  void overTenYears_whatIsShown_isAlwaysTrustedByWhoKnowsYesterdaysAuthorities() throws Exception {
    KeyMaterial material = rotation.renew(Optional.empty(), START);
    Deque<List<X509Certificate>> published = new ArrayDeque<>();
    Set<X509Certificate> signers = new HashSet<>();
    for (int hours = 0; hours < 10 * 365 * 24; hours += 12) {
      Instant now = START.plus(Duration.ofHours(hours));
      material = rotation.renew(Optional.of(material), now);
      published.addLast(material.authorities());
      signers.add(material.signer().certificate());
      List<X509Certificate> yesterdays = published.getFirst();
      if (published.size() > 2) {
        published.removeFirst();
      }

      X509Certificate shown = material.serving().certificate();
      shown.checkValidity(java.util.Date.from(now));
      assertTrue(yesterdays.stream().anyMatch(authority -> vouches(authority, shown)), "at " + now);
      assertTrue(material.authorities().size() <= 3);
    }
    assertTrue(signers.size() >= 6, () -> signers.size() + " authorities in ten years");
  }

  @Test
  void materialThatIsOver_isMadeAnew() {
    KeyMaterial material = rotation.renew(Optional.empty(), START);

    Instant later = START.plus(Duration.ofDays(1000));
    KeyMaterial now = rotation.renew(Optional.of(material), later);

    assertFalse(now.signer().isOver(later));
    assertFalse(now.serving().isOver(later));
  }

  @Test
  void material_isTheSame_afterASecret() throws Exception {
    KeyMaterial first = rotation.renew(Optional.empty(), START);
    KeyMaterial withNext = rotation.renew(Optional.of(first), START.plus(Duration.ofDays(500)));
    assertTrue(withNext.next().isPresent());
    KeyMaterial withPrevious =
        rotation.renew(Optional.of(withNext), START.plus(Duration.ofDays(502)));
    assertTrue(withPrevious.previous().isPresent());

    for (KeyMaterial material : List.of(first, withNext, withPrevious)) {
      assertEquals(material, SecretMaterial.read(SecretMaterial.data(material)).orElseThrow());
    }
  }

  @Test
  void secretThatCantBeRead_isNamed_andItsKeyIsNotShown() {
    var data =
        new java.util.HashMap<>(SecretMaterial.data(rotation.renew(Optional.empty(), START)));
    data.put("tls.key", "c2VjcmV0");

    var e = assertThrows(GeneralSecurityException.class, () -> SecretMaterial.read(data));

    assertEquals("there is no unencrypted PKCS #8 private key", e.getMessage());
    assertThrows(GeneralSecurityException.class, () -> SecretMaterial.read(Map.of("ca.crt", "x")));
  }

  private static boolean vouches(X509Certificate authority, X509Certificate shown) {
    try {
      shown.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
