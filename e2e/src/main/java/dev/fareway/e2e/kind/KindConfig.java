package dev.fareway.e2e.kind;

/** The cluster that the suite runs on, as kind takes it. */
final class KindConfig {
  /** Where Kourier is reached with Knative. */
  static final int INGRESS_PORT = 31_080;

  private KindConfig() {}

  /**
   * One control plane and three workers, which swap. kind sets {@code failSwapOn: false} itself;
   * kubeadm reads the KubeletConfiguration of the first node for all of them. The swap is the
   * host's.
   *
   * @param name of the cluster
   * @param ingress whether the port of Knative's ingress is open on loopback
   */
  static String of(String name, boolean ingress) {
    return """
        kind: Cluster
        apiVersion: kind.x-k8s.io/v1alpha4
        name: %s
        kubeadmConfigPatches:
        - |
          kind: KubeletConfiguration
          apiVersion: kubelet.config.k8s.io/v1beta1
          failSwapOn: false
          featureGates: {NodeSwap: true}
          memorySwap: {swapBehavior: LimitedSwap}
        nodes:
        - role: control-plane
        %s- role: worker
        - role: worker
        - role: worker
        """
        .formatted(
            name,
            ingress
                ? "  extraPortMappings: [{containerPort: %d, hostPort: %d, listenAddress: 127.0.0.1}]\n"
                    .formatted(INGRESS_PORT, INGRESS_PORT)
                : "");
  }
}
