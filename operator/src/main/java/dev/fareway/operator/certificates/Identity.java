package dev.fareway.operator.certificates;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** A certificate with its private key. Its text form never shows the key. */
record Identity(X509Certificate certificate, PrivateKey key) {
  Instant from() {
    return certificate.getNotBefore().toInstant();
  }

  Instant until() {
    return certificate.getNotAfter().toInstant();
  }

  /** Whether less than a third of its time is left. */
  boolean isToBeRenewed(Instant now) {
    return now.isAfter(until().minus(Duration.between(from(), until()).dividedBy(3)));
  }

  boolean isOver(Instant now) {
    return !now.isBefore(until());
  }

  @Override
  public String toString() {
    return "%s until %s".formatted(certificate.getSubjectX500Principal(), until());
  }
}
