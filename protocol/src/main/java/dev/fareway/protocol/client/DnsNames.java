package dev.fareway.protocol.client;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** The host names that certificates are for (RFC 5280, section 4.2.1.6). */
public final class DnsNames {
  /** Among the kinds of names in a certificate. */
  public static final int KIND = 2;

  private DnsNames() {}

  /** Those of a certificate, in their order; none if they are malformed. */
  public static List<String> of(X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      return all == null
          ? List.of()
          : all.stream()
              .filter(name -> Objects.equals(name.getFirst(), KIND))
              .map(name -> Objects.toString(name.get(1)))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }
}
