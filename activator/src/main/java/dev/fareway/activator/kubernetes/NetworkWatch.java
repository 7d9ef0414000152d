package dev.fareway.activator.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches Knative's ConfigMap {@code config-network} for what this activator can't do: TLS between
 * Knative's parts. With it on, ingresses connect by TLS only, and a function's traffic must not go
 * in clear text: such an activator must not get ready.
 */
public final class NetworkWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkWatch.class);
  private static final String NAME = "config-network";

  /** The key of today, and those of Knative 1.9 to 1.11. */
  private static final Set<String> KEYS =
      Set.of("system-internal-tls", "internal-encryption", "dataplane-trust");

  private static final Set<String> OFF = Set.of("", "disabled", "false");

  private final AtomicBoolean isTold = new AtomicBoolean();
  private final SharedIndexInformer<ConfigMap> informer;

  /**
   * A watch that is not started yet.
   *
   * @param namespace Knative's
   * @param why is told, on any thread, what the activator can't do; empty: nothing
   */
  public NetworkWatch(KubernetesClient client, String namespace, Consumer<String> why) {
    informer =
        client
            .configMaps()
            .inNamespace(namespace)
            .withName(NAME)
            .runnableInformer(0)
            // Where it may not be read, that is said once, and it is tried again.
            .exceptionHandler(
                (_, failure) -> {
                  if (isTold.compareAndSet(false, true)) {
                    LOG.warn(
                        "{} in {} can't be read, so nobody knows whether it asks for TLS; allow get, list and watch: {}",
                        NAME,
                        namespace,
                        failure.getMessage());
                  }
                  return true;
                })
            .addEventHandler(
                new EventHandler<>(
                    map -> why.accept(unsupported(map.getData())), gone -> why.accept("")));
  }

  /** Starts watching. Knative has defaults for what isn't there: nothing waits for this. */
  public void start() {
    var _ = informer.start();
  }

  @Override
  public void close() {
    informer.stop();
  }

  /** What is asked for that the activator can't do; empty for nothing. */
  static String unsupported(@Nullable Map<String, String> data) {
    if (data != null) {
      for (String key : KEYS.stream().sorted().toList()) {
        String value = data.getOrDefault(key, "");
        if (!OFF.contains(value.strip().toLowerCase(Locale.ROOT))) {
          return "%s says %s: %s, and this activator speaks no TLS: switch it off, or keep Knative's own activator"
              .formatted(NAME, key, value);
        }
      }
    }
    return "";
  }
}
