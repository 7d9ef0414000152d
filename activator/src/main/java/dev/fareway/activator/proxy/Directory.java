package dev.fareway.activator.proxy;

import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.RevisionKey;
import org.jspecify.annotations.Nullable;

/** Which functions there are. */
@FunctionalInterface
public interface Directory {
  /** What a function says about its invocations; null if there is no such function. */
  @Nullable FunctionSettings find(RevisionKey key);
}
