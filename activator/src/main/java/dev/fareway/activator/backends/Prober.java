package dev.fareway.activator.backends;

import dev.fareway.activator.core.PodAddress;
import io.vertx.core.Future;

/** Finds out whether a pod takes requests. */
@FunctionalInterface
public interface Prober {
  /** Why it takes none now; empty if it does; never fails. */
  Future<String> whyNotReady(PodAddress pod);
}
