package dev.fareway.operator.shard;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.function.Supplier;

/**
 * An informer's store that keeps of each object only what the informer itself needs, its identity
 * and version: what placement needs is kept there, in a tenth of the room.
 */
final class TrimmingStore<T extends HasMetadata> extends BasicItemStore<T> {
  private final Supplier<T> empty;

  TrimmingStore(Supplier<T> empty) {
    super(Cache::metaNamespaceKeyFunc);
    this.empty = empty;
  }

  @Override
  public T put(String key, T item) {
    ObjectMeta full = item.getMetadata();
    var meta = new ObjectMeta();
    meta.setName(full.getName());
    meta.setNamespace(full.getNamespace());
    meta.setUid(full.getUid());
    meta.setResourceVersion(full.getResourceVersion());
    T trimmed = empty.get();
    trimmed.setMetadata(meta);
    return super.put(key, trimmed);
  }

  @Override
  public boolean isFullState() {
    return false;
  }
}
