package dev.fareway.activator.core;

/**
 * A pod and what one activator may send it.
 *
 * @param pod the pod
 * @param concurrency how many invocations it takes at once from this activator; 1 or more
 */
public record PodShare(PodAddress pod, int concurrency) {
  /** The concurrency of a pod that declares no limit. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  public PodShare {
    if (concurrency < 1) {
      throw new IllegalArgumentException(
          "%s takes %d at once, it must be 1 or more".formatted(pod, concurrency));
    }
  }
}
