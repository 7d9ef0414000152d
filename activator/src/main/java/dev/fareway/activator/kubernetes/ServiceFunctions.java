package dev.fareway.activator.kubernetes;

import dev.fareway.activator.backends.Backends;
import dev.fareway.activator.backends.Candidate;
import dev.fareway.activator.core.AcceptClass;
import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.RevisionKey;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes functions of Services and pods: a Service is one as soon as a pod behind it names a price
 * class. To be used on the proxy's event loop.
 */
final class ServiceFunctions {
  /** Annotation on the pod: how many requests it takes at once. */
  static final String CONCURRENCY = "fareway.dev/concurrency";

  /** Annotation on the pod: how long a request may take, in seconds. */
  static final String TIMEOUT = "fareway.dev/timeout-seconds";

  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  private final Backends backends;
  private final Map<String, Says> byPod = new HashMap<>();
  private final Map<RevisionKey, Map<String, List<Candidate>>> slices = new HashMap<>();

  ServiceFunctions(Backends backends) {
    this.backends = backends;
  }

  void pod(Pod pod) {
    Says says = Says.of(pod.getMetadata());
    String uid = pod.getMetadata().getUid();
    if (!says.equals(byPod.put(uid, says))) {
      slices.forEach(
          (key, parts) -> {
            if (parts.values().stream()
                .flatMap(List::stream)
                .anyMatch(each -> each.pod().uid().equals(uid))) {
              publish(key);
            }
          });
    }
  }

  void podGone(Pod pod) {
    byPod.remove(pod.getMetadata().getUid());
  }

  void slice(EndpointSlice slice) {
    String service = Annotations.of(slice.getMetadata().getLabels(), SERVICE_NAME);
    if (service.isEmpty()) {
      return;
    }
    var key = new RevisionKey(slice.getMetadata().getNamespace(), service);
    slices
        .computeIfAbsent(key, _ -> new HashMap<>())
        .put(slice.getMetadata().getName(), candidates(slice));
    publish(key);
  }

  void sliceGone(EndpointSlice slice) {
    String name = slice.getMetadata().getName();
    for (RevisionKey key : List.copyOf(slices.keySet())) {
      Map<String, List<Candidate>> parts = slices.get(key);
      if (parts != null
          && key.namespace().equals(slice.getMetadata().getNamespace())
          && parts.remove(name) != null) {
        publish(key);
        if (parts.isEmpty()) {
          slices.remove(key);
          backends.functionGone(key);
        }
      }
    }
  }

  private void publish(RevisionKey key) {
    var all = new ArrayList<Candidate>();
    slices.getOrDefault(key, Map.of()).values().forEach(all::addAll);
    Says says = null;
    for (Candidate each : all) {
      Says own = byPod.get(each.pod().uid());
      says = own == null ? says : own;
    }
    if (says != null) {
      backends.function(says.settings(key));
      backends.pods(key, all);
    }
  }

  private static List<Candidate> candidates(EndpointSlice slice) {
    List<EndpointPort> ports = slice.getPorts() == null ? List.of() : slice.getPorts();
    if (ports.isEmpty() || ports.getFirst().getPort() == null) {
      return List.of();
    }
    int port = ports.getFirst().getPort();
    var candidates = new ArrayList<Candidate>();
    for (Endpoint endpoint :
        slice.getEndpoints() == null ? List.<Endpoint>of() : slice.getEndpoints()) {
      boolean isReady =
          endpoint.getConditions() == null
              || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
      if (isReady && !endpoint.getAddresses().isEmpty()) {
        candidates.add(
            new Candidate(
                new PodAddress(
                    endpoint.getAddresses().getFirst(),
                    port,
                    endpoint.getNodeName() == null ? "" : endpoint.getNodeName(),
                    endpoint.getTargetRef() == null || endpoint.getTargetRef().getUid() == null
                        ? ""
                        : endpoint.getTargetRef().getUid()),
                0,
                true));
      }
    }
    return candidates;
  }

  /** What a pod says of its function. */
  private record Says(
      @Nullable String priceClass,
      AcceptClass accept,
      int concurrency,
      int timeoutSeconds,
      Map<String, String> labels) {
    static Says of(ObjectMeta meta) {
      return new Says(
          Annotations.priceClass(meta),
          Annotations.accept(meta),
          number(Annotations.of(meta.getAnnotations(), CONCURRENCY)),
          number(Annotations.of(meta.getAnnotations(), TIMEOUT)),
          Map.copyOf(Annotations.orEmpty(meta.getLabels())));
    }

    FunctionSettings settings(RevisionKey key) {
      return new FunctionSettings(
          key,
          key.name(),
          "",
          priceClass,
          accept,
          concurrency,
          timeoutSeconds == 0
              ? FunctionSettings.DEFAULT_TIMEOUT_NANOS
              : TimeUnit.SECONDS.toNanos(timeoutSeconds),
          0,
          0,
          labels);
    }

    /** What is no number of 0 or more counts as absent. */
    private static int number(String text) {
      try {
        return text.isEmpty() ? 0 : Math.clamp(Long.parseLong(text), 0, Integer.MAX_VALUE);
      } catch (NumberFormatException malformed) {
        return 0;
      }
    }
  }
}
