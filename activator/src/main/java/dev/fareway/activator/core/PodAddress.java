package dev.fareway.activator.core;

/**
 * A ready pod of a function.
 *
 * @param host its IP address, or the address of the Service in front of it where pods can't be
 *     reached
 * @param port the port that takes requests, 1 to 65535
 * @param node the node that it runs on; empty if not known: then no node's limit holds for it
 * @param uid the pod's UID; empty if not known: then its node can't be told what it runs
 */
public record PodAddress(String host, int port, String node, String uid) {
  public PodAddress {
    if (host.isEmpty() || port < 1 || port > 65535) {
      throw new IllegalArgumentException("'%s:%d' is no address".formatted(host, port));
    }
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
