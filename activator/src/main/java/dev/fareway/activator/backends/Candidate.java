package dev.fareway.activator.backends;

import dev.fareway.activator.core.PodAddress;

/**
 * A pod that a function may have.
 *
 * @param pod the pod
 * @param isReady whether Kubernetes calls it ready
 */
public record Candidate(PodAddress pod, boolean isReady) {}
