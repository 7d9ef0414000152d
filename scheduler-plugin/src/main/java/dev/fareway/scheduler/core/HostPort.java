package dev.fareway.scheduler.core;

/**
 * A port of the node that a pod takes for itself.
 *
 * @param protocol TCP, UDP or SCTP
 * @param address the node's address that it listens on; empty: all of them
 * @param port 1 to 65535
 */
public record HostPort(String protocol, String address, int port) {
  public HostPort {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("host port is %d, it must be 1 to 65535".formatted(port));
    }
  }

  /** Whether two pods can't have both on one node. */
  boolean collidesWith(HostPort other) {
    return port == other.port
        && protocol.equals(other.protocol)
        && (address.isEmpty() || other.address.isEmpty() || address.equals(other.address));
  }
}
