package dev.fareway.activator.core;

/**
 * A ready pod of a function.
 *
 * @param host its IP address, or the address of the Service in front of it where pods can't be
 *     reached
 * @param port the port that takes requests, 1 to 65535
 * @param node the node that it runs on; empty if not known: then no node's limit holds for it
 * @param uid the pod's UID; empty if not known: then its node can't be told what it runs
 * @param peer the name that its certificate must have, for one that is spoken to by TLS; empty: in
 *     clear text
 */
public record PodAddress(String host, int port, String node, String uid, String peer) {
  public PodAddress {
    if (host.isEmpty() || port < 1 || port > 65535) {
      throw new IllegalArgumentException("'%s:%d' is no address".formatted(host, port));
    }
  }

  /** One that is spoken to in clear text. */
  public PodAddress(String host, int port, String node, String uid) {
    this(host, port, node, uid, "");
  }

  /** The same pod by TLS, at another port. */
  public PodAddress secured(int tlsPort, String name) {
    return new PodAddress(host, tlsPort, node, uid, name);
  }

  /** Whether it is spoken to by TLS. */
  public boolean isSecure() {
    return !peer.isEmpty();
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
