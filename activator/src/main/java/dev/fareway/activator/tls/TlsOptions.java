package dev.fareway.activator.tls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;

/**
 * How the TLS listener speaks.
 *
 * @param protocols the versions, as the JDK calls them
 * @param cipherSuites what it takes; empty: what the JDK takes
 */
public record TlsOptions(Set<String> protocols, List<String> cipherSuites) {
  /** What holds where nothing else is said: TLS 1.3. */
  public static final TlsOptions DEFAULTS = new TlsOptions(Set.of("TLSv1.3"), List.of());

  private static final List<String> VERSIONS = List.of("1.2", "1.3");

  public TlsOptions {
    protocols = Set.copyOf(protocols);
    cipherSuites = List.copyOf(cipherSuites);
  }

  /**
   * Reads them as Knative's environment has them.
   *
   * @param lowest 1.2 or 1.3
   * @param highest the same
   * @param cipherSuites their IANA names with commas between; empty: the JDK's
   * @throws IllegalArgumentException naming what can't be
   */
  public static TlsOptions parse(String lowest, String highest, String cipherSuites) {
    int from = version("lowest", lowest);
    int to = version("highest", highest);
    if (from > to) {
      throw new IllegalArgumentException(
          "TLS from %s to %s: the lowest version is above the highest".formatted(lowest, highest));
    }
    var protocols = new TreeSet<String>();
    VERSIONS.subList(from, to + 1).forEach(each -> protocols.add("TLSv" + each));
    var suites = new ArrayList<String>();
    List<String> known = knownSuites();
    for (String suite : cipherSuites.split(",", -1)) {
      String name = suite.strip();
      if (!name.isEmpty()) {
        if (!known.contains(name)) {
          throw new IllegalArgumentException(
              "'%s' is no TLS cipher suite that this Java has; it has %s".formatted(name, known));
        }
        suites.add(name);
      }
    }
    return new TlsOptions(protocols, suites);
  }

  private static int version(String which, String version) {
    int index = VERSIONS.indexOf(version);
    if (index < 0) {
      throw new IllegalArgumentException(
          "'%s' is not a %s version of TLS: 1.2 and 1.3 are".formatted(version, which));
    }
    return index;
  }

  private static List<String> knownSuites() {
    try {
      return Arrays.asList(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }
}
