package dev.fareway.operator.shard;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EphemeralVolumeSource;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinity;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodAntiAffinity;
import io.fabric8.kubernetes.api.model.PodResourceClaim;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.Volume;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a list of pods in Kubernetes' protobuf encoding, and of each pod what this replica looks
 * at: identity, labels and annotations, where it may run, what it needs, where it is and how far.
 * All else, most of a pod, is skipped by its length.
 *
 * <p>By hand, since the generated classes take longer to load than all pods take to be read. The
 * numbers are those of {@code k8s.io/api/core/v1/generated.proto} and {@code
 * k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto}; Kubernetes never gives a number to another
 * field.
 */
final class PodWire {
  /** What a body in this encoding begins with: the rest is a {@code runtime.Unknown}. */
  private static final byte[] MAGIC = {'k', '8', 's', 0};

  private static final int RAW = 2;

  private PodWire() {}

  /**
   * A page of a list.
   *
   * @param version resource version of the list
   * @param next token of the next page; empty: this is the last
   */
  record Head(String version, String next) {}

  /** Something of a field's content, by the field's number. */
  private interface Field {
    /** Reads the value, or leaves it: then it is skipped. */
    boolean read(int number, CodedInputStream in) throws IOException;
  }

  /** Version and token of a page, without its pods. */
  static Head head(byte[] body) throws IOException {
    String[] found = {"", ""};
    message(
        list(body),
        (number, in) ->
            number == 1
                && nested(
                    in,
                    (of, meta) ->
                        switch (of) {
                          case 2 -> set(found, 0, meta.readStringRequireUtf8());
                          case 3 -> set(found, 1, meta.readStringRequireUtf8());
                          default -> false;
                        }));
    return new Head(found[0], found[1]);
  }

  private static boolean set(String[] array, int index, String value) {
    array[index] = value;
    return true;
  }

  /** The pods of a page. */
  static List<Pod> pods(byte[] body) throws IOException {
    var pods = new ArrayList<Pod>();
    message(list(body), (number, in) -> number == 2 && pods.add(pod(in)));
    return pods;
  }

  /** The message within the envelope; not copied. */
  private static CodedInputStream list(byte[] body) throws IOException {
    for (int i = 0; i < MAGIC.length; i++) {
      if (body.length <= i || body[i] != MAGIC[i]) {
        throw new IOException(
            "a list of pods was announced as Kubernetes' protobuf and is something else, of %d bytes"
                .formatted(body.length));
      }
    }
    CodedInputStream in =
        CodedInputStream.newInstance(body, MAGIC.length, body.length - MAGIC.length);
    int tag;
    while ((tag = in.readTag()) != 0) {
      if (WireFormat.getTagFieldNumber(tag) == RAW) {
        int length = in.readRawVarint32();
        int start = MAGIC.length + in.getTotalBytesRead();
        if (length < 0 || length > body.length - start) {
          throw new IOException("a list of pods in protobuf is cut off");
        }
        return CodedInputStream.newInstance(body, start, length);
      }
      in.skipField(tag);
    }
    throw new IOException("a list of pods in protobuf has no content");
  }

  private static void message(CodedInputStream in, Field field) throws IOException {
    int tag;
    while ((tag = in.readTag()) != 0) {
      if (!field.read(WireFormat.getTagFieldNumber(tag), in)) {
        in.skipField(tag);
      }
    }
  }

  /** A message within another. Always true, so that it can be the end of a condition. */
  private static boolean nested(CodedInputStream in, Field field) throws IOException {
    int before = in.pushLimit(in.readRawVarint32());
    message(in, field);
    in.popLimit(before);
    return true;
  }

  private static Pod pod(CodedInputStream in) throws IOException {
    var pod = new Pod();
    var meta = new ObjectMeta();
    var spec = new PodSpec();
    var status = new PodStatus();
    pod.setMetadata(meta);
    pod.setSpec(spec);
    pod.setStatus(status);
    nested(
        in,
        (number, part) ->
            switch (number) {
              case 1 -> nested(part, (of, value) -> meta(meta, of, value));
              case 2 -> nested(part, (of, value) -> spec(spec, of, value));
              case 3 -> nested(part, (of, value) -> status(status, of, value));
              default -> false;
            });
    return pod;
  }

  private static boolean meta(ObjectMeta meta, int number, CodedInputStream in) throws IOException {
    switch (number) {
      case 1 -> meta.setName(text(in));
      case 3 -> meta.setNamespace(text(in));
      case 5 -> meta.setUid(text(in));
      case 6 -> meta.setResourceVersion(text(in));
      case 8 -> meta.setCreationTimestamp(time(in));
      case 9 -> meta.setDeletionTimestamp(time(in));
      case 11 -> meta.setLabels(strings(meta.getLabels(), in));
      case 12 -> meta.setAnnotations(strings(meta.getAnnotations(), in));
      case 13 -> meta.getOwnerReferences().add(owner(in));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static OwnerReference owner(CodedInputStream in) throws IOException {
    var owner = new OwnerReference();
    nested(
        in,
        (number, of) -> {
          switch (number) {
            case 1 -> owner.setKind(text(of));
            case 3 -> owner.setName(text(of));
            case 4 -> owner.setUid(text(of));
            case 5 -> owner.setApiVersion(text(of));
            case 6 -> owner.setController(of.readBool());
            default -> {
              return false;
            }
          }
          return true;
        });
    return owner;
  }

  private static boolean spec(PodSpec spec, int number, CodedInputStream in) throws IOException {
    switch (number) {
      case 1 -> spec.getVolumes().add(volume(in));
      case 2 -> spec.getContainers().add(container(in));
      case 7 -> spec.setNodeSelector(strings(spec.getNodeSelector(), in));
      case 10 -> spec.setNodeName(text(in));
      case 18 -> spec.setAffinity(affinity(in));
      case 19 -> spec.setSchedulerName(text(in));
      case 20 -> spec.getInitContainers().add(container(in));
      case 22 -> spec.getTolerations().add(toleration(in));
      case 32 -> spec.setOverhead(quantities(spec.getOverhead(), in));
      case 33 -> spec.getTopologySpreadConstraints().add(spread(in));
      case 38 -> {
        var gate = new PodSchedulingGate();
        nested(in, (of, name) -> of == 1 && done(gate::setName, name));
        spec.getSchedulingGates().add(gate);
      }
      case 39 -> {
        var claim = new PodResourceClaim();
        nested(in, (of, name) -> of == 1 && done(claim::setName, name));
        spec.getResourceClaims().add(claim);
      }
      case 40 -> spec.setResources(resources(in));
      default -> {
        return false;
      }
    }
    return true;
  }

  private interface Text {
    void set(@Nullable String value);
  }

  private static boolean done(Text text, CodedInputStream in) throws IOException {
    text.set(text(in));
    return true;
  }

  /** A text; null where none is said, as in JSON: here it is written as an empty one. */
  private static @Nullable String text(CodedInputStream in) throws IOException {
    String text = in.readStringRequireUtf8();
    return text.isEmpty() ? null : text;
  }

  private static boolean status(PodStatus status, int number, CodedInputStream in)
      throws IOException {
    return switch (number) {
      case 1 -> done(status::setPhase, in);
      case 11 -> done(status::setNominatedNodeName, in);
      default -> false;
    };
  }

  private static Volume volume(CodedInputStream in) throws IOException {
    var volume = new Volume();
    nested(
        in,
        (number, of) ->
            switch (number) {
              case 1 -> done(volume::setName, of);
              case 2 -> nested(of, (kind, source) -> source(volume, kind, source));
              default -> false;
            });
    return volume;
  }

  private static boolean source(Volume volume, int kind, CodedInputStream in) throws IOException {
    switch (kind) {
      case 10 -> {
        var claim = new PersistentVolumeClaimVolumeSource();
        nested(in, (number, of) -> number == 1 && done(claim::setClaimName, of));
        volume.setPersistentVolumeClaim(claim);
      }
      case 29 -> {
        nested(in, (_, _) -> false);
        volume.setEphemeral(new EphemeralVolumeSource());
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static Container container(CodedInputStream in) throws IOException {
    var container = new Container();
    nested(
        in,
        (number, of) -> {
          switch (number) {
            case 1 -> container.setName(text(of));
            case 6 -> container.getPorts().add(port(of));
            case 8 -> container.setResources(resources(of));
            case 24 -> container.setRestartPolicy(text(of));
            default -> {
              return false;
            }
          }
          return true;
        });
    return container;
  }

  private static ContainerPort port(CodedInputStream in) throws IOException {
    var port = new ContainerPort();
    nested(
        in,
        (number, of) -> {
          switch (number) {
            case 2 -> {
              int hostPort = of.readInt32();
              // In JSON, none is left out.
              if (hostPort != 0) {
                port.setHostPort(hostPort);
              }
            }
            case 3 -> port.setContainerPort(of.readInt32());
            case 4 -> port.setProtocol(text(of));
            case 5 -> port.setHostIP(text(of));
            default -> {
              return false;
            }
          }
          return true;
        });
    return port;
  }

  private static ResourceRequirements resources(CodedInputStream in) throws IOException {
    var resources = new ResourceRequirements();
    nested(
        in,
        (number, of) -> {
          switch (number) {
            case 1 -> resources.setLimits(quantities(resources.getLimits(), of));
            case 2 -> resources.setRequests(quantities(resources.getRequests(), of));
            default -> {
              return false;
            }
          }
          return true;
        });
    return resources;
  }

  private static Toleration toleration(CodedInputStream in) throws IOException {
    var toleration = new Toleration();
    nested(
        in,
        (number, of) ->
            switch (number) {
              case 1 -> done(toleration::setKey, of);
              case 2 -> done(toleration::setOperator, of);
              case 3 -> done(toleration::setValue, of);
              case 4 -> done(toleration::setEffect, of);
              default -> false;
            });
    return toleration;
  }

  private static TopologySpreadConstraint spread(CodedInputStream in) throws IOException {
    var spread = new TopologySpreadConstraint();
    nested(
        in,
        (number, of) ->
            switch (number) {
              case 2 -> done(spread::setTopologyKey, of);
              case 3 -> done(spread::setWhenUnsatisfiable, of);
              default -> false;
            });
    return spread;
  }

  private static Affinity affinity(CodedInputStream in) throws IOException {
    var affinity = new Affinity();
    nested(
        in,
        (number, of) -> {
          switch (number) {
            case 1 -> affinity.setNodeAffinity(nodeAffinity(of));
            case 2 -> {
              var pods = new PodAffinity();
              required(of, pods.getRequiredDuringSchedulingIgnoredDuringExecution());
              affinity.setPodAffinity(pods);
            }
            case 3 -> {
              var pods = new PodAntiAffinity();
              required(of, pods.getRequiredDuringSchedulingIgnoredDuringExecution());
              affinity.setPodAntiAffinity(pods);
            }
            default -> {
              return false;
            }
          }
          return true;
        });
    return affinity;
  }

  /** Affinity between pods is not judged: how many terms there are is all that is asked. */
  private static void required(CodedInputStream in, List<PodAffinityTerm> terms)
      throws IOException {
    nested(
        in,
        (number, of) ->
            number == 1 && nested(of, (_, _) -> false) && terms.add(new PodAffinityTerm()));
  }

  private static NodeAffinity nodeAffinity(CodedInputStream in) throws IOException {
    var affinity = new NodeAffinity();
    nested(
        in,
        (number, of) -> {
          switch (number) {
            case 1 -> {
              var selector = new NodeSelector();
              nested(
                  of,
                  (field, term) -> field == 1 && selector.getNodeSelectorTerms().add(term(term)));
              affinity.setRequiredDuringSchedulingIgnoredDuringExecution(selector);
            }
            case 2 ->
                affinity.getPreferredDuringSchedulingIgnoredDuringExecution().add(preferred(of));
            default -> {
              return false;
            }
          }
          return true;
        });
    return affinity;
  }

  private static PreferredSchedulingTerm preferred(CodedInputStream in) throws IOException {
    var preferred = new PreferredSchedulingTerm();
    nested(
        in,
        (number, of) -> {
          switch (number) {
            case 1 -> preferred.setWeight(of.readInt32());
            case 2 -> preferred.setPreference(term(of));
            default -> {
              return false;
            }
          }
          return true;
        });
    return preferred;
  }

  private static NodeSelectorTerm term(CodedInputStream in) throws IOException {
    var term = new NodeSelectorTerm();
    nested(
        in,
        (number, of) ->
            switch (number) {
              case 1 -> term.getMatchExpressions().add(requirement(of));
              case 2 -> term.getMatchFields().add(requirement(of));
              default -> false;
            });
    return term;
  }

  private static NodeSelectorRequirement requirement(CodedInputStream in) throws IOException {
    var requirement = new NodeSelectorRequirement();
    nested(
        in,
        (number, of) ->
            switch (number) {
              case 1 -> done(requirement::setKey, of);
              case 2 -> done(requirement::setOperator, of);
              case 3 -> requirement.getValues().add(of.readStringRequireUtf8());
              default -> false;
            });
    return requirement;
  }

  /** Seconds since the epoch, in a message of their own. */
  private static String time(CodedInputStream in) throws IOException {
    long[] seconds = {0};
    nested(
        in,
        (number, of) -> {
          if (number != 1) {
            return false;
          }
          seconds[0] = of.readInt64();
          return true;
        });
    return Instant.ofEpochSecond(seconds[0]).toString();
  }

  /** One entry more of a map of strings. */
  private static Map<String, String> strings(Map<String, String> before, CodedInputStream in)
      throws IOException {
    Map<String, String> map = before == null ? new LinkedHashMap<>() : before;
    String[] entry = {"", ""};
    nested(
        in,
        (number, of) ->
            number >= 1 && number <= 2 && set(entry, number - 1, of.readStringRequireUtf8()));
    map.put(entry[0], entry[1]);
    return map;
  }

  /** One entry more of a map of quantities; a quantity is a message with a string. */
  private static Map<String, Quantity> quantities(Map<String, Quantity> before, CodedInputStream in)
      throws IOException {
    Map<String, Quantity> map = before == null ? new LinkedHashMap<>() : before;
    String[] entry = {"", ""};
    nested(
        in,
        (number, of) ->
            switch (number) {
              case 1 -> set(entry, 0, of.readStringRequireUtf8());
              case 2 ->
                  nested(
                      of,
                      (field, text) -> field == 1 && set(entry, 1, text.readStringRequireUtf8()));
              default -> false;
            });
    map.put(entry[0], Quantity.parse(entry[1]));
    return map;
  }
}
