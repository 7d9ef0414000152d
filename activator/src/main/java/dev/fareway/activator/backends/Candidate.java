package dev.fareway.activator.backends;

import dev.fareway.activator.core.PodAddress;

/**
 * A pod that a function may have.
 *
 * @param pod the pod, in clear text
 * @param securePort its port for TLS; 0: it has none
 * @param isReady whether Kubernetes calls it ready
 */
public record Candidate(PodAddress pod, int securePort, boolean isReady) {
  /** The same by TLS, as one of the queue-proxies of a namespace. */
  Candidate secured(String name) {
    return securePort == 0 ? this : new Candidate(pod.secured(securePort, name), 0, isReady);
  }
}
