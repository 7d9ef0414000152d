package dev.fareway.operator.certificates;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When which certificate is made anew. A pure function but for the keys that the factory makes.
 *
 * <p>What is served lives for 90 days, an authority for two years; each is renewed with a third of
 * its time left. A new authority is published a day before it signs, and the old one stays trusted
 * until it is over, so that nobody ever meets a certificate that he can't check.
 */
final class Rotation {
  static final Duration SERVING_LIFETIME = Duration.ofDays(90);
  static final Duration AUTHORITY_LIFETIME = Duration.ofDays(730);
  static final Duration KNOWN_BEFORE_SIGNING = Duration.ofDays(1);

  private final CertificateFactory factory;
  private final List<String> names;

  /**
   * Makes certificates for these names.
   *
   * @param names host names, at least one
   */
  Rotation(CertificateFactory factory, List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("a certificate needs a host name");
    }
    this.factory = factory;
    this.names = List.copyOf(names);
  }

  /** What is to be in force now: the same object if nothing is to be done. */
  KeyMaterial renew(Optional<KeyMaterial> before, Instant now) {
    if (before.isEmpty() || before.get().signer().isOver(now)) {
      Identity signer = factory.authority(now, AUTHORITY_LIFETIME);
      return new KeyMaterial(signer, Optional.empty(), Optional.empty(), serving(signer, now));
    }
    KeyMaterial material = before.get();
    if (material
        .previous()
        .map(old -> !now.isBefore(old.getNotAfter().toInstant()))
        .orElse(false)) {
      material =
          new KeyMaterial(material.signer(), material.next(), Optional.empty(), material.serving());
    }
    if (material.next().isEmpty() && material.signer().isToBeRenewed(now)) {
      Identity next = factory.authority(now, AUTHORITY_LIFETIME);
      material =
          new KeyMaterial(
              material.signer(), Optional.of(next), material.previous(), material.serving());
    }
    if (material.next().isPresent()
        && !now.isBefore(material.next().get().from().plus(KNOWN_BEFORE_SIGNING))) {
      Identity signer = material.next().get();
      return new KeyMaterial(
          signer,
          Optional.empty(),
          Optional.of(material.signer().certificate()),
          serving(signer, now));
    }
    if (!material.serves(names, now) || material.serving().isToBeRenewed(now)) {
      return new KeyMaterial(
          material.signer(), material.next(), material.previous(), serving(material.signer(), now));
    }
    return material;
  }

  /** It doesn't outlive who vouches for it. */
  private Identity serving(Identity signer, Instant now) {
    Duration left = Duration.between(now, signer.until());
    return factory.serving(
        signer, names, now, left.compareTo(SERVING_LIFETIME) < 0 ? left : SERVING_LIFETIME);
  }
}
