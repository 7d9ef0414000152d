package dev.fareway.activator.core;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a function says about its own invocations.
 *
 * @param key which function
 * @param service name of the service that it is a revision of; empty for none
 * @param configuration name of the configuration that it is a revision of; empty for none
 * @param priceClass the class that it names; null for none
 * @param accept whose word it takes for the class of an invocation
 * @param concurrency how many invocations a pod takes at once; 0: no limit
 * @param timeoutNanos how long an invocation may take from arrival to end, 1 or more
 * @param responseStartNanos how long it may take from arrival to the first byte of the answer; 0:
 *     no limit
 * @param idleNanos how long it may send nothing; 0: no limit
 * @param labels what budgets select it by, without what follows from the rest
 * @param isReadyByKubernetesOnly whether a pod may be used only once Kubernetes calls it ready,
 *     because what answers in it does not know all that it must wait for
 */
public record FunctionSettings(
    RevisionKey key,
    String service,
    String configuration,
    @Nullable String priceClass,
    AcceptClass accept,
    int concurrency,
    long timeoutNanos,
    long responseStartNanos,
    long idleNanos,
    Map<String, String> labels,
    boolean isReadyByKubernetesOnly) {
  /** Timeout of a function that names none. */
  public static final long DEFAULT_TIMEOUT_NANOS = 300_000_000_000L;

  public FunctionSettings {
    labels = Map.copyOf(labels);
    if (concurrency < 0) {
      throw new IllegalArgumentException(
          "%s: concurrency is %d, it must be 0 or more".formatted(key, concurrency));
    }
    if (timeoutNanos < 1 || responseStartNanos < 0 || idleNanos < 0) {
      throw new IllegalArgumentException(
          "%s: timeouts of %d, %d and %d ns: the first must be 1 or more, the others 0 or more"
              .formatted(key, timeoutNanos, responseStartNanos, idleNanos));
    }
  }

  /** A function whose pods say themselves when they are ready. */
  public FunctionSettings(
      RevisionKey key,
      String service,
      String configuration,
      @Nullable String priceClass,
      AcceptClass accept,
      int concurrency,
      long timeoutNanos,
      long responseStartNanos,
      long idleNanos,
      Map<String, String> labels) {
    this(
        key,
        service,
        configuration,
        priceClass,
        accept,
        concurrency,
        timeoutNanos,
        responseStartNanos,
        idleNanos,
        labels,
        false);
  }

  /** A function with Knative's defaults. */
  public static FunctionSettings of(RevisionKey key, @Nullable String priceClass) {
    return new FunctionSettings(
        key, "", "", priceClass, AcceptClass.TRUSTED, 0, DEFAULT_TIMEOUT_NANOS, 0, 0, Map.of());
  }
}
