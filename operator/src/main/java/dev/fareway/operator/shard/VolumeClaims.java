package dev.fareway.operator.shard;

import dev.fareway.scheduler.kubernetes.VolumeReader;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.logging.Logger;

/**
 * Which volume claims are bound to volumes that every node can use: pods that use no others are
 * placed as those without volumes. Of a claim only the name of its volume is kept, of a volume only
 * its name. What is not known yet counts as not usable: such a pod is left to others. Thread-safe.
 */
@Singleton
public class VolumeClaims {
  private static final Logger LOG = Logger.getLogger(VolumeClaims.class);
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final Map<String, String> volumeByClaim = new ConcurrentHashMap<>();
  private final Set<String> usableAnywhere = ConcurrentHashMap.newKeySet();
  private final List<SharedIndexInformer<?>> informers = new CopyOnWriteArrayList<>();

  VolumeClaims(KubernetesClient client) {
    this.client = client;
  }

  /** Whether a claim is bound to a volume that every node can use, as far as is known. */
  public boolean isUsableAnywhere(String namespace, String claim) {
    String volume = volumeByClaim.get(key(namespace, claim));
    return volume != null && usableAnywhere.contains(volume);
  }

  /** Begins to watch. */
  void start() {
    SharedIndexInformer<PersistentVolume> volumes =
        client
            .persistentVolumes()
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new TrimmingStore<>(PersistentVolume::new));
    volumes.addEventHandler(
        new Changes<>(
            volume -> {
              if (VolumeReader.isUsableAnywhere(volume)) {
                usableAnywhere.add(volume.getMetadata().getName());
              } else {
                usableAnywhere.remove(volume.getMetadata().getName());
              }
            },
            volume -> usableAnywhere.remove(volume.getMetadata().getName())));
    SharedIndexInformer<PersistentVolumeClaim> claims =
        client
            .persistentVolumeClaims()
            .inAnyNamespace()
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new TrimmingStore<>(PersistentVolumeClaim::new));
    claims.addEventHandler(
        new Changes<>(
            claim ->
                VolumeReader.volumeOf(claim)
                    .ifPresentOrElse(
                        volume -> volumeByClaim.put(key(claim.getMetadata()), volume),
                        () -> volumeByClaim.remove(key(claim.getMetadata()))),
            claim -> volumeByClaim.remove(key(claim.getMetadata()))));
    informers.add(volumes);
    informers.add(claims);
    for (SharedIndexInformer<?> informer : informers) {
      informer.exceptionHandler(
          (_, failure) -> {
            LOG.warnf(
                "Watching %s failed, trying again; pods with volume claims are left to other schedulers: %s",
                informer.getApiTypeClass().getSimpleName(), failure.getMessage());
            return true;
          });
      var _ = informer.start();
    }
  }

  void stop() {
    informers.forEach(SharedIndexInformer::close);
  }

  private static String key(ObjectMeta claim) {
    return key(claim.getNamespace(), claim.getName());
  }

  private static String key(String namespace, String claim) {
    return namespace + "/" + claim;
  }
}
