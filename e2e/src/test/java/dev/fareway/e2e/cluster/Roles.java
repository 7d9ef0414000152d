package dev.fareway.e2e.cluster;

import static dev.fareway.e2e.cluster.Eventually.eventually;

import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;

/** All roles that are bound to a service account, of which rights can be taken away. */
@NullUnmarked
final class Roles {
  private final KubernetesClient admin;
  private final String namespace;
  private final String account;
  private final Map<Right.RoleRef, List<PolicyRule>> whole = new LinkedHashMap<>();
  private Set<Right> taken = Set.of();

  private Roles(KubernetesClient admin, String namespace, String account) {
    this.admin = admin;
    this.namespace = namespace;
    this.account = account;
  }

  /** As they are now. */
  static Roles of(KubernetesClient admin, String namespace, String account) {
    var roles = new Roles(admin, namespace, account);
    admin.rbac().clusterRoleBindings().list().getItems().stream()
        .filter(binding -> roles.isBound(binding.getSubjects()))
        .map(binding -> new Right.RoleRef("", binding.getRoleRef().getName()))
        .forEach(roles::read);
    admin.rbac().roleBindings().inAnyNamespace().list().getItems().stream()
        .filter(binding -> roles.isBound(binding.getSubjects()))
        .map(
            binding ->
                new Right.RoleRef(
                    binding.getMetadata().getNamespace(), binding.getRoleRef().getName()))
        .forEach(roles::read);
    return roles;
  }

  private boolean isBound(List<Subject> subjects) {
    return subjects.stream()
        .anyMatch(
            subject ->
                subject.getKind().equals("ServiceAccount")
                    && account.equals(subject.getName())
                    && namespace.equals(subject.getNamespace()));
  }

  private void read(Right.RoleRef role) {
    whole.put(
        role,
        role.namespace().isEmpty()
            ? admin.rbac().clusterRoles().withName(role.name()).get().getRules()
            : admin
                .rbac()
                .roles()
                .inNamespace(role.namespace())
                .withName(role.name())
                .get()
                .getRules());
  }

  /** {@code NAMESPACE:NAME}. */
  String account() {
    return namespace + ":" + account;
  }

  /** All that they grant together, in the order in which it is written. */
  List<Right> rights() {
    return whole.entrySet().stream()
        .flatMap(role -> Right.of(role.getKey(), role.getValue()).stream())
        .toList();
  }

  /** From now on they grant all but these: in force when this returns. */
  void without(Set<Right> rights) throws Exception {
    Set<Right> now = new LinkedHashSet<>(rights);
    for (var role : whole.entrySet()) {
      write(role.getKey(), Right.without(role.getKey(), role.getValue(), now));
    }
    Set<Right> changed = new HashSet<>(now);
    changed.addAll(taken);
    for (Right right : changed) {
      if (now.contains(right) != taken.contains(right)) {
        eventually(
            () -> "%s %s %s".formatted(account, now.contains(right) ? "may not" : "may", right),
            () -> mayDo(right) != now.contains(right));
      }
    }
    taken = now;
  }

  private void write(Right.RoleRef ref, List<PolicyRule> rules) {
    if (ref.namespace().isEmpty()) {
      admin
          .rbac()
          .clusterRoles()
          .withName(ref.name())
          .edit(
              role -> {
                role.setRules(rules);
                return role;
              });
    } else {
      admin
          .rbac()
          .roles()
          .inNamespace(ref.namespace())
          .withName(ref.name())
          .edit(
              role -> {
                role.setRules(rules);
                return role;
              });
    }
  }

  /** What the authorizer says of it now. */
  private boolean mayDo(Right right) {
    String[] resource = right.resource().split("/", 2);
    SubjectAccessReview asked =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser("system:serviceaccount:" + account())
            .withNewResourceAttributes()
            .withGroup(right.group())
            .withResource(resource[0])
            .withSubresource(resource.length == 1 ? null : resource[1])
            .withName(right.name().isEmpty() ? null : right.name())
            .withNamespace(right.role().namespace().isEmpty() ? null : right.role().namespace())
            .withVerb(right.verb())
            .endResourceAttributes()
            .endSpec()
            .build();
    return admin.authorization().v1().subjectAccessReview().create(asked).getStatus().getAllowed();
  }
}
