package dev.fareway.activator.backends;

import dev.fareway.activator.core.PodAddress;
import io.vertx.core.Future;

/** Finds out whether a pod takes requests. */
@FunctionalInterface
public interface Prober {
  /** Whether it does now; never fails. */
  Future<Boolean> isReady(PodAddress pod);
}
