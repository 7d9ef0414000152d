package dev.fareway.operator.shard;

import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.Eviction;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;

/** What asks a pod to end, with respect for disruption budgets. */
public final class Evictions {
  private Evictions() {}

  /** Of this very pod, and of none that was made anew under its name. */
  public static Eviction of(String namespace, String name, String uid) {
    return new EvictionBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .endMetadata()
        .withDeleteOptions(
            new DeleteOptionsBuilder()
                .withNewPreconditions()
                .withUid(uid)
                .endPreconditions()
                .build())
        .build();
  }
}
