package dev.fareway.activator.kubernetes;

import dev.fareway.activator.backends.Candidate;
import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.RevisionKey;
import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointPort;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Understands Knative's objects. */
final class KnativeReader {
  static final String REVISION = "serving.knative.dev/revision";
  static final String SERVICE_TYPE = "networking.internal.knative.dev/serviceType";
  private static final String KNATIVE = "serving.knative.dev/";
  private static final String SERVICE = "serving.knative.dev/service";
  private static final String CONFIGURATION = "serving.knative.dev/configuration";
  private static final String HTTP1 = "http";
  private static final String H2C = "http2";
  private static final String HTTPS = "https";

  /** Where queue-proxies and their Services speak TLS, unless they say otherwise. */
  private static final int POD_TLS_PORT = 8112;

  private static final int SERVICE_TLS_PORT = 443;

  private KnativeReader() {}

  /** Of the few namespaces each name is kept once, whatever the number of revisions. */
  static RevisionKey keyOf(Revision revision) {
    return new RevisionKey(
        revision.getMetadata().getNamespace().intern(), revision.getMetadata().getName());
  }

  /** The revision that an object of Knative's belongs to; empty if it belongs to none. */
  static Optional<RevisionKey> revisionOf(HasMetadata object) {
    String name = Annotations.of(object.getMetadata().getLabels(), REVISION);
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(new RevisionKey(object.getMetadata().getNamespace(), name));
  }

  /** What a revision says; values out of range are taken for absent. */
  static FunctionSettings settings(Revision revision) {
    Revision.Spec spec = revision.getSpec();
    long timeout = nanos(spec == null ? null : spec.timeoutSeconds());
    String service = Annotations.of(revision.getMetadata().getLabels(), SERVICE);
    String configuration = Annotations.of(revision.getMetadata().getLabels(), CONFIGURATION);
    return new FunctionSettings(
        keyOf(revision),
        service,
        // Nearly always the same name: kept once.
        configuration.equals(service) ? service : configuration,
        Annotations.priceClass(revision.getMetadata()),
        Annotations.accept(revision.getMetadata()),
        bounded(spec == null ? null : spec.containerConcurrency()),
        timeout == 0 ? FunctionSettings.DEFAULT_TIMEOUT_NANOS : timeout,
        nanos(spec == null ? null : spec.responseStartTimeoutSeconds()),
        nanos(spec == null ? null : spec.idleTimeoutSeconds()),
        ownLabels(revision),
        spec != null && isProbedByKubelet(spec));
  }

  /** Whether a queue-proxy doesn't know all that its pod must wait for before it is ready. */
  private static boolean isProbedByKubelet(Revision.Spec spec) {
    return orEmpty(spec.containers()).stream()
        .anyMatch(
            each ->
                each.startupProbe() != null
                    || (each.readinessProbe() != null && each.readinessProbe().exec() != null));
  }

  /** The pods in the endpoints of a revision's private Service, ready ones and others. */
  static List<Candidate> candidates(Endpoints endpoints) {
    var candidates = new ArrayList<Candidate>();
    for (EndpointSubset subset : orEmpty(endpoints.getSubsets())) {
      int port = port(subset, 0, HTTP1, H2C);
      int secure = port(subset, POD_TLS_PORT, HTTPS);
      if (port > 0) {
        orEmpty(subset.getAddresses())
            .forEach(each -> candidates.add(new Candidate(address(each, port), secure, true)));
        orEmpty(subset.getNotReadyAddresses())
            .forEach(each -> candidates.add(new Candidate(address(each, port), secure, false)));
      }
    }
    return candidates;
  }

  /** The addresses in the endpoints of a revision's public Service, in order. */
  static List<String> activators(Endpoints endpoints) {
    var addresses = new TreeSet<String>();
    for (EndpointSubset subset : orEmpty(endpoints.getSubsets())) {
      orEmpty(subset.getAddresses()).forEach(each -> addresses.add(each.getIp()));
    }
    return List.copyOf(addresses);
  }

  /** The address of a private Service; empty if it has none. */
  static Optional<Candidate> address(Service service) {
    String ip = service.getSpec() == null ? null : service.getSpec().getClusterIP();
    if (ip == null || ip.isEmpty() || ip.equals("None")) {
      return Optional.empty();
    }
    int clear = 0;
    int secure = SERVICE_TLS_PORT;
    for (ServicePort port : orEmpty(service.getSpec().getPorts())) {
      if (HTTP1.equals(port.getName()) || H2C.equals(port.getName())) {
        clear = port.getPort();
      } else if (HTTPS.equals(port.getName())) {
        secure = port.getPort();
      }
    }
    return clear == 0
        ? Optional.empty()
        : Optional.of(new Candidate(new PodAddress(ip, clear, "", ""), secure, true));
  }

  /**
   * The labels that are not Knative's: a cluster may have 100,000 revisions, and theirs follow from
   * what is known.
   */
  private static Map<String, String> ownLabels(Revision revision) {
    Map<String, String> labels = Annotations.orEmpty(revision.getMetadata().getLabels());
    if (labels.keySet().stream().allMatch(key -> key.startsWith(KNATIVE))) {
      return Map.of();
    }
    var own = new HashMap<>(labels);
    own.keySet().removeIf(key -> key.startsWith(KNATIVE));
    return own;
  }

  /** The labels that a function's pods have. */
  static Map<String, String> labels(FunctionSettings function) {
    if (function.configuration().isEmpty()) {
      return function.labels();
    }
    var labels = new HashMap<>(function.labels());
    labels.put(SERVICE, function.service());
    labels.put(CONFIGURATION, function.configuration());
    labels.put(REVISION, function.key().name());
    return labels;
  }

  private static int port(EndpointSubset subset, int otherwise, String... names) {
    for (EndpointPort port : orEmpty(subset.getPorts())) {
      if (List.of(names).contains(Objects.requireNonNullElse(port.getName(), ""))) {
        return port.getPort();
      }
    }
    return otherwise;
  }

  private static PodAddress address(EndpointAddress address, int port) {
    String node = address.getNodeName() == null ? "" : address.getNodeName();
    String uid =
        address.getTargetRef() == null || address.getTargetRef().getUid() == null
            ? ""
            : address.getTargetRef().getUid();
    return new PodAddress(address.getIp(), port, node, uid);
  }

  private static long nanos(@Nullable Long seconds) {
    return TimeUnit.SECONDS.toNanos(bounded(seconds));
  }

  private static int bounded(@Nullable Long value) {
    return value == null ? 0 : Math.clamp(value, 0, Integer.MAX_VALUE);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
