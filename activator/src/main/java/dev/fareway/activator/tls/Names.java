package dev.fareway.activator.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The names by which Knative's parts know each other. */
public final class Names {
  private static final int DNS_NAME = 2;

  private Names() {}

  /** The name in the certificate of the queue-proxies of a namespace. */
  public static String ofQueueProxies(String namespace) {
    return "kn-user-" + namespace.toLowerCase(Locale.ROOT);
  }

  /** The DNS names that a certificate is for; none if they are malformed. */
  static List<String> of(X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      return all == null
          ? List.of()
          : all.stream()
              .filter(name -> Objects.equals(name.getFirst(), DNS_NAME))
              .map(name -> Objects.toString(name.get(1)))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }
}
