package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.client.Config;

/** A Kubernetes API server. */
interface ApiServer extends AutoCloseable {

  /**
   * Starts it; it serves when this returns. Whatever comes of it, {@link #close} clears it away, at
   * any time.
   *
   * @throws LocalClusterException if it does not come up in good time
   */
  void start();

  /** Which one it is and its version, for users to read. */
  String description();

  /** How to reach it, as the YAML of a kubeconfig file. */
  String kubeconfig();

  /** The same for clients that watch by plain HTTP only. */
  default String kubeconfigForPlainWatches() {
    return kubeconfig();
  }

  /** Ends it and removes what it wrote. */
  @Override
  void close();

  /** How a client reaches it. */
  default Config clientConfig() {
    return Config.fromKubeconfig(kubeconfig());
  }
}
