package dev.fareway.scheduler.kubernetes;

import dev.fareway.scheduler.core.Constraints;
import dev.fareway.scheduler.core.Instance;
import dev.fareway.scheduler.core.Requirement;
import dev.fareway.scheduler.core.Requirement.Operator;
import dev.fareway.scheduler.core.Room;
import dev.fareway.scheduler.core.Toleration;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pod. Quantities that are no numbers count as 0: the API server let them in, so they can't
 * be.
 */
public final class PodReader {
  private static final long DEFAULT_MEMORY_ESTIMATE_BYTES = 100L << 20;
  private static final String KNATIVE_SERVICE = "serving.knative.dev/service";

  private PodReader() {}

  /** Whether a pod no longer uses its node. */
  public static boolean hasEnded(Pod pod) {
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }

  /**
   * Whether a pod waits for this scheduler: not bound, not being deleted, not held back by a gate.
   */
  public static boolean waitsFor(String schedulerName, Pod pod) {
    PodSpec spec = pod.getSpec();
    return schedulerName.equals(spec.getSchedulerName())
        && (spec.getNodeName() == null || spec.getNodeName().isEmpty())
        && pod.getMetadata().getDeletionTimestamp() == null
        && spec.getSchedulingGates().isEmpty()
        && !hasEnded(pod);
  }

  /** What a pod is an instance of: its Knative service, else its controller, else itself. */
  public static String functionOf(Pod pod) {
    var meta = pod.getMetadata();
    String service = meta.getLabels() == null ? null : meta.getLabels().get(KNATIVE_SERVICE);
    if (service != null) {
      return service;
    }
    return meta.getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .map(OwnerReference::getName)
        .findFirst()
        .orElse(meta.getName());
  }

  /** The instance that a pod is, in the class that it is in. */
  public static Instance instance(Pod pod, String priceClass, Instant now) {
    Room needs = needs(pod);
    return new Instance(
        pod.getMetadata().getUid(),
        pod.getMetadata().getNamespace() + "/" + functionOf(pod),
        priceClass,
        nanos(created(pod, now)),
        Math.max(needs.memoryBytes(), DEFAULT_MEMORY_ESTIMATE_BYTES),
        needs,
        constraints(pod.getSpec()));
  }

  /** Nanoseconds since the epoch. */
  public static long nanos(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
  }

  /**
   * What a pod requests of its node, as the kubelet counts it: the sum over its containers, or what
   * an init container needs alone if that is more, plus the overhead.
   */
  public static Room needs(Pod pod) {
    PodSpec spec = pod.getSpec();
    long cpu = 0;
    long memory = 0;
    for (Container container : spec.getContainers()) {
      cpu += milliCpus(requests(container));
      memory += bytes(requests(container));
    }
    // A sidecar (an init container that is restarted always) runs beside the containers and the
    // later init containers.
    long sidecarCpu = 0;
    long sidecarMemory = 0;
    long initCpu = 0;
    long initMemory = 0;
    for (Container container : spec.getInitContainers()) {
      long itsCpu = milliCpus(requests(container));
      long itsMemory = bytes(requests(container));
      if ("Always".equals(container.getRestartPolicy())) {
        sidecarCpu += itsCpu;
        sidecarMemory += itsMemory;
        initCpu = Math.max(initCpu, sidecarCpu);
        initMemory = Math.max(initMemory, sidecarMemory);
      } else {
        initCpu = Math.max(initCpu, sidecarCpu + itsCpu);
        initMemory = Math.max(initMemory, sidecarMemory + itsMemory);
      }
    }
    Map<String, Quantity> overhead = Objects.requireNonNullElse(spec.getOverhead(), Map.of());
    return new Room(
        Math.max(cpu + sidecarCpu, initCpu) + milliCpus(overhead),
        Math.max(memory + sidecarMemory, initMemory) + bytes(overhead),
        1);
  }

  /**
   * Where the pod may run. A demand on the host name becomes a demand on the node's name, which is
   * the same with every common installer: as a label it would make each node a group of its own.
   */
  static Constraints constraints(PodSpec spec) {
    var names = new ArrayList<String>();
    var selector = new ArrayList<Requirement>();
    Objects.requireNonNullElse(spec.getNodeSelector(), Map.<String, String>of())
        .forEach(
            (key, value) -> {
              if (NodeReader.HOST_NAME.equals(key)) {
                names.add(value);
              } else {
                selector.add(new Requirement(key, Operator.IN, Set.of(value)));
              }
            });
    var terms = new ArrayList<List<Requirement>>();
    for (NodeSelectorTerm term : requiredTerms(spec)) {
      var requirements = new ArrayList<>(selector);
      for (NodeSelectorRequirement expression : term.getMatchExpressions()) {
        if (NodeReader.HOST_NAME.equals(expression.getKey())
            && "In".equals(expression.getOperator())) {
          names.addAll(expression.getValues());
        } else {
          requirements.add(requirement(expression));
        }
      }
      for (NodeSelectorRequirement field : term.getMatchFields()) {
        if ("metadata.name".equals(field.getKey()) && "In".equals(field.getOperator())) {
          names.addAll(field.getValues());
        }
      }
      terms.add(requirements);
    }
    if (terms.isEmpty() && !selector.isEmpty()) {
      terms.add(selector);
    }
    var tolerations = new ArrayList<Toleration>();
    for (var toleration : spec.getTolerations()) {
      tolerations.add(
          new Toleration(
              orEmpty(toleration.getKey()),
              "Exists".equals(toleration.getOperator()),
              orEmpty(toleration.getValue()),
              orEmpty(toleration.getEffect())));
    }
    return new Constraints(terms, Set.copyOf(names), tolerations);
  }

  static long milliCpus(Map<String, Quantity> amounts) {
    return amount(amounts.get("cpu"), 1000);
  }

  static long bytes(Map<String, Quantity> amounts) {
    return amount(amounts.get("memory"), 1);
  }

  static long amount(@Nullable Quantity quantity, long scale) {
    if (quantity == null) {
      return 0;
    }
    BigDecimal amount = quantity.getNumericalAmount().multiply(BigDecimal.valueOf(scale));
    return amount.signum() <= 0
        ? 0
        : amount
            .setScale(0, RoundingMode.CEILING)
            .min(BigDecimal.valueOf(Long.MAX_VALUE / 4))
            .longValue();
  }

  private static List<NodeSelectorTerm> requiredTerms(PodSpec spec) {
    if (spec.getAffinity() == null || spec.getAffinity().getNodeAffinity() == null) {
      return List.of();
    }
    var required =
        spec.getAffinity().getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    return required == null ? List.of() : required.getNodeSelectorTerms();
  }

  private static Requirement requirement(NodeSelectorRequirement expression) {
    Operator operator =
        switch (expression.getOperator()) {
          case "In" -> Operator.IN;
          case "NotIn" -> Operator.NOT_IN;
          case "Exists" -> Operator.EXISTS;
          case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
          case "Gt" -> Operator.GREATER;
          case "Lt" -> Operator.LESS;
          // An operator of a later Kubernetes: an empty choice, so that the pod waits rather than
          // runs where it must not.
          default -> Operator.IN;
        };
    return new Requirement(expression.getKey(), operator, Set.copyOf(expression.getValues()));
  }

  private static Map<String, Quantity> requests(Container container) {
    return container.getResources() == null || container.getResources().getRequests() == null
        ? Map.of()
        : container.getResources().getRequests();
  }

  private static Instant created(Pod pod, Instant now) {
    String created = pod.getMetadata().getCreationTimestamp();
    try {
      return created == null ? now : Instant.parse(created);
    } catch (DateTimeParseException e) {
      return now;
    }
  }

  private static String orEmpty(@Nullable String value) {
    return value == null ? "" : value;
  }
}
