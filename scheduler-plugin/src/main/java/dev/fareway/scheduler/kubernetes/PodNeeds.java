package dev.fareway.scheduler.kubernetes;

import dev.fareway.scheduler.core.HostPort;
import dev.fareway.scheduler.core.Room;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads what a pod declares to need of its node. */
final class PodNeeds {
  private static final Set<String> ALL_ADDRESSES = Set.of("0.0.0.0", "::");

  private PodNeeds() {}

  /**
   * What a pod requests, as the kubelet counts it: the sum over its containers, or what an init
   * container needs on the way if that is more; what is requested for the whole pod instead, where
   * it is; and the overhead.
   *
   * <p>Example: containers of 100m and 200m CPU, a sidecar of 50m, then an init container of 400m:
   * the init container runs beside the sidecar, so 450m, which is more than 350m.
   */
  static Room of(PodSpec spec) {
    var sidecars = new Amounts();
    var most = new Amounts();
    for (Container container : spec.getInitContainers()) {
      Amounts requests = requests(container);
      if (isSidecar(container)) {
        sidecars.add(requests);
        most.raiseTo(sidecars);
      } else {
        most.raiseTo(sidecars.plus(requests));
      }
    }
    var together = new Amounts();
    together.add(sidecars);
    for (Container container : spec.getContainers()) {
      together.add(requests(container));
    }
    most.raiseTo(together);
    if (spec.getResources() != null) {
      most.replaceBy(Amounts.of(spec.getResources().getRequests()));
    }
    most.add(Amounts.of(spec.getOverhead()));
    return most.asNeeds(hostPorts(spec));
  }

  private static List<HostPort> hostPorts(PodSpec spec) {
    var ports = new ArrayList<HostPort>();
    for (Container container : spec.getContainers()) {
      addHostPorts(container, ports);
    }
    for (Container container : spec.getInitContainers()) {
      if (isSidecar(container)) {
        addHostPorts(container, ports);
      }
    }
    return ports;
  }

  private static void addHostPorts(Container container, List<HostPort> ports) {
    for (ContainerPort port : container.getPorts()) {
      Integer hostPort = port.getHostPort();
      if (hostPort != null && hostPort >= 1 && hostPort <= 65_535) {
        String address = port.getHostIP() == null ? "" : port.getHostIP();
        ports.add(
            new HostPort(
                port.getProtocol() == null ? "TCP" : port.getProtocol(),
                ALL_ADDRESSES.contains(address) ? "" : address,
                hostPort));
      }
    }
  }

  /** An init container that is restarted always goes on beside the containers. */
  private static boolean isSidecar(Container container) {
    return "Always".equals(container.getRestartPolicy());
  }

  private static Amounts requests(Container container) {
    return Amounts.of(
        container.getResources() == null ? null : container.getResources().getRequests());
  }
}
