package dev.fareway.activator.kubernetes;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.function.Consumer;

/** Handles what a watch says in two ways: it is there, or it is gone. */
record EventHandler<T>(Consumer<T> present, Consumer<T> gone) implements ResourceEventHandler<T> {
  @Override
  public void onAdd(T object) {
    present.accept(object);
  }

  @Override
  public void onUpdate(T before, T now) {
    present.accept(now);
  }

  @Override
  public void onDelete(T object, boolean isFinalStateUnknown) {
    gone.accept(object);
  }
}
