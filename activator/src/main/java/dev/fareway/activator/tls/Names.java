package dev.fareway.activator.tls;

import java.util.Locale;

/** The names by which Knative's parts know each other. */
public final class Names {
  private Names() {}

  /** The name in the certificate of the queue-proxies of a namespace. */
  public static String ofQueueProxies(String namespace) {
    return "kn-user-" + namespace.toLowerCase(Locale.ROOT);
  }
}
