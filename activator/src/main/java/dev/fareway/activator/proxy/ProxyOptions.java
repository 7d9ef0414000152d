package dev.fareway.activator.proxy;

import dev.fareway.activator.core.SchedulerLimits;
import dev.fareway.scheduler.core.QueueDiscipline;
import java.time.Duration;

/**
 * How the proxy treats connections and requests.
 *
 * @param limits how it orders and bounds what waits
 * @param clusterDomain the cluster's DNS domain, for routing by host
 * @param knative whether a queue-proxy is in front of each function: it wants to be told the
 *     original host, and speaks both HTTP/1.1 and h2c on its port
 * @param maxWait how long a request may wait for a pod; zero: as long as its function allows
 * @param headerTimeout how long a connection may take until a request's headers are complete
 * @param keepAlive how long a connection may stay without a request
 * @param maxHeaderBytes most bytes of a request's headers
 * @param maxConnections most connections at once
 * @param connectTimeout how long connecting to a pod may take
 * @param connectionsPerPod most HTTP/1.1 connections to a pod at once
 * @param idleConnections most HTTP/1.1 connections that are kept without a request, over all pods
 * @param idleConnectionsPerPod the same to one pod
 * @param tokenLifetime longest that a proof of class holds
 */
public record ProxyOptions(
    SchedulerLimits limits,
    String clusterDomain,
    boolean knative,
    Duration maxWait,
    Duration headerTimeout,
    Duration keepAlive,
    int maxHeaderBytes,
    int maxConnections,
    Duration connectTimeout,
    int connectionsPerPod,
    int idleConnections,
    int idleConnectionsPerPod,
    Duration tokenLifetime) {
  /** What holds where nothing else is said. */
  public static final ProxyOptions DEFAULTS =
      new ProxyOptions(
          new SchedulerLimits(QueueDiscipline.PRICE_TIMES_WAIT, 10_000, 20_000),
          "cluster.local",
          true,
          Duration.ZERO,
          Duration.ofSeconds(10),
          Duration.ofSeconds(120),
          64 << 10,
          50_000,
          Duration.ofSeconds(1),
          2_000,
          Integer.MAX_VALUE,
          Integer.MAX_VALUE,
          Duration.ofMinutes(10));

  /** The same with other limits. */
  public ProxyOptions with(SchedulerLimits newLimits) {
    return new ProxyOptions(
        newLimits,
        clusterDomain,
        knative,
        maxWait,
        headerTimeout,
        keepAlive,
        maxHeaderBytes,
        maxConnections,
        connectTimeout,
        connectionsPerPod,
        idleConnections,
        idleConnectionsPerPod,
        tokenLifetime);
  }

  /** The same with other bounds on waiting and on headers. */
  public ProxyOptions with(Duration newMaxWait, Duration newHeaderTimeout) {
    return new ProxyOptions(
        limits,
        clusterDomain,
        knative,
        newMaxWait,
        newHeaderTimeout,
        keepAlive,
        maxHeaderBytes,
        maxConnections,
        connectTimeout,
        connectionsPerPod,
        idleConnections,
        idleConnectionsPerPod,
        tokenLifetime);
  }

  /** The same for pods without a queue-proxy. */
  public ProxyOptions withoutKnative() {
    return new ProxyOptions(
        limits,
        clusterDomain,
        false,
        maxWait,
        headerTimeout,
        keepAlive,
        maxHeaderBytes,
        maxConnections,
        connectTimeout,
        connectionsPerPod,
        idleConnections,
        idleConnectionsPerPod,
        tokenLifetime);
  }

  /** The same with other bounds on connections without a request. */
  public ProxyOptions with(int newIdleConnections, int newIdleConnectionsPerPod) {
    return new ProxyOptions(
        limits,
        clusterDomain,
        knative,
        maxWait,
        headerTimeout,
        keepAlive,
        maxHeaderBytes,
        maxConnections,
        connectTimeout,
        connectionsPerPod,
        newIdleConnections,
        newIdleConnectionsPerPod,
        tokenLifetime);
  }
}
