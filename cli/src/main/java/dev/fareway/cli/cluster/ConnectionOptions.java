package dev.fareway.cli.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Which cluster to ask, and as whom: the same choices that kubectl gives.
 *
 * @param kubeconfig a file; empty: $KUBECONFIG, else ~/.kube/config, else the pod's service account
 * @param context name of a context in it; empty: the current one
 * @param timeout how long to wait for one answer
 */
public record ConnectionOptions(
    Optional<Path> kubeconfig, Optional<String> context, Duration timeout) {}
