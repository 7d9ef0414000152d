package dev.fareway.operator.certificates;

import dev.fareway.protocol.client.DnsNames;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that the replicas share: who signs, who will sign next, who signed before, and what is
 * served.
 *
 * @param signer the authority that signs
 * @param next the one that will, known to everybody before it signs anything
 * @param previous the one that did, trusted until it is over
 * @param serving what the operator's ports show, signed by the signer
 */
record KeyMaterial(
    Identity signer,
    Optional<Identity> next,
    Optional<X509Certificate> previous,
    Identity serving) {

  /** Whom to trust: everybody whose signature may be met. */
  List<X509Certificate> authorities() {
    List<X509Certificate> all = new ArrayList<>();
    all.add(signer.certificate());
    next.map(Identity::certificate).ifPresent(all::add);
    previous.ifPresent(all::add);
    return List.copyOf(all);
  }

  /** Whether the served certificate has exactly these names and can be used. */
  boolean serves(List<String> names, Instant now) {
    return DnsNames.of(serving.certificate()).equals(List.copyOf(names)) && !serving.isOver(now);
  }
}
