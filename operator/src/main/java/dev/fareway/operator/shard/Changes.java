package dev.fareway.operator.shard;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.function.Consumer;

/**
 * Hears of objects from an informer: that there is one, as it is now, or that one is gone. One that
 * was made anew under its name while nobody looked is gone first.
 */
record Changes<T extends HasMetadata>(Consumer<T> changed, Consumer<T> gone)
    implements ResourceEventHandler<T> {
  @Override
  public void onAdd(T now) {
    changed.accept(now);
  }

  @Override
  public void onUpdate(T before, T now) {
    if (!before.getMetadata().getUid().equals(now.getMetadata().getUid())) {
      gone.accept(before);
    }
    changed.accept(now);
  }

  @Override
  public void onDelete(T last, boolean unknownFinalState) {
    gone.accept(last);
  }
}
