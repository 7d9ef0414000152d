package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The objects of a chart's hooks and of its test: Helm has them in the cluster for a moment only.
 */
final class Hooks {
  private final List<HasMetadata> objects;

  private Hooks(List<HasMetadata> objects) {
    this.objects = objects;
  }

  /** Those among a chart's manifests. */
  static Hooks of(String manifests) {
    List<HasMetadata> hooks = new ArrayList<>();
    Object all =
        new KubernetesSerialization()
            .unmarshal(new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)));
    Iterable<?> objects =
        all instanceof KubernetesResourceList<?> list ? list.getItems() : (Iterable<?>) all;
    for (Object object : objects) {
      if (object instanceof HasMetadata of && isHook(of.getMetadata())) {
        hooks.add(of);
      }
    }
    return new Hooks(hooks);
  }

  private static boolean isHook(ObjectMeta meta) {
    return meta.getAnnotations() != null && meta.getAnnotations().containsKey("helm.sh/hook");
  }

  /** What their roles grant, by account: a hook's role has its account's name. */
  Map<String, List<Right>> rights() {
    Map<String, List<Right>> rights = new TreeMap<>();
    for (HasMetadata object : objects) {
      List<PolicyRule> rules =
          switch (object) {
            case ClusterRole role -> role.getRules();
            case Role role -> role.getRules();
            default -> List.of();
          };
      String name = object.getMetadata().getName();
      String namespace = object.getMetadata().getNamespace();
      var role = new Right.RoleRef(namespace == null ? "" : namespace, name);
      for (Right right : Right.of(role, rules)) {
        rights.computeIfAbsent(name, _ -> new ArrayList<>()).add(right);
      }
    }
    return rights;
  }

  /** Makes accounts, roles and bindings, and nothing that runs. */
  void createAccounts(KubernetesClient admin) {
    for (HasMetadata object : objects) {
      if (object.getApiVersion().startsWith("rbac.authorization.k8s.io/")
          || object.getKind().equals("ServiceAccount")) {
        admin.resource(object).create();
      }
    }
  }

  /** What the Job or the Pod of this name runs. */
  PodSpec once(String name) {
    for (HasMetadata object : objects) {
      if (object.getMetadata().getName().equals(name)) {
        if (object instanceof Job job) {
          return job.getSpec().getTemplate().getSpec();
        }
        if (object instanceof Pod pod) {
          return pod.getSpec();
        }
      }
    }
    throw new IllegalArgumentException("no hook " + name + " runs once");
  }

  /** What the DaemonSet of this name runs on each node. */
  PodSpec onNodes(String name) {
    for (HasMetadata object : objects) {
      if (object instanceof DaemonSet set && set.getMetadata().getName().equals(name)) {
        return set.getSpec().getTemplate().getSpec();
      }
    }
    throw new IllegalArgumentException("no hook " + name + " runs on nodes");
  }
}
