package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One verb on one resource, as a rule of a role grants it.
 *
 * @param role which role
 * @param resource with its subresource, if any, as roles write it
 * @param name of the one object that it is for; empty: for all
 */
record Right(RoleRef role, String group, String resource, String name, String verb) {

  /**
   * A role.
   *
   * @param namespace empty: a ClusterRole
   */
  record RoleRef(String namespace, String name) {
    @Override
    public String toString() {
      return namespace.isEmpty() ? "ClusterRole " + name : "Role " + namespace + "/" + name;
    }
  }

  /** All that the rules of a role grant. */
  static List<Right> of(RoleRef role, List<PolicyRule> rules) {
    List<Right> rights = new ArrayList<>();
    for (PolicyRule rule : rules) {
      for (String group : rule.getApiGroups()) {
        for (String resource : rule.getResources()) {
          for (String name : names(rule)) {
            for (String verb : rule.getVerbs()) {
              rights.add(new Right(role, group, resource, name, verb));
            }
          }
        }
      }
    }
    return rights;
  }

  /** The rules of a role without these rights, and with all others. */
  static List<PolicyRule> without(RoleRef role, List<PolicyRule> rules, Set<Right> taken) {
    List<PolicyRule> left = new ArrayList<>();
    for (PolicyRule rule : rules) {
      for (String group : rule.getApiGroups()) {
        for (String resource : rule.getResources()) {
          for (String name : names(rule)) {
            List<String> verbs =
                rule.getVerbs().stream()
                    .filter(verb -> !taken.contains(new Right(role, group, resource, name, verb)))
                    .toList();
            if (!verbs.isEmpty()) {
              left.add(
                  new PolicyRuleBuilder()
                      .withApiGroups(group)
                      .withResources(resource)
                      .withResourceNames(name.isEmpty() ? List.of() : List.of(name))
                      .withVerbs(verbs)
                      .build());
            }
          }
        }
      }
    }
    return left;
  }

  private static List<String> names(PolicyRule rule) {
    List<String> names = rule.getResourceNames();
    return names == null || names.isEmpty() ? List.of("") : names;
  }

  /** Those among them that another of them makes superfluous. */
  static List<Right> grantedTwice(List<Right> rights) {
    List<Right> twice = new ArrayList<>();
    for (int i = 0; i < rights.size(); i++) {
      for (int j = 0; j < rights.size(); j++) {
        if (i != j && rights.get(j).covers(rights.get(i))) {
          twice.add(rights.get(i));
        }
      }
    }
    return twice;
  }

  /** Whether who has this right needs no other to do what the other allows. */
  private boolean covers(Right other) {
    return group.equals(other.group)
        && resource.equals(other.resource)
        && verb.equals(other.verb)
        && (name.isEmpty() || name.equals(other.name))
        && (role.namespace().isEmpty() || role.namespace().equals(other.role.namespace()));
  }

  /** Whether a request asks for this right. */
  boolean isAskedForBy(Audit.Entry entry) {
    return isAbout(entry) && entry.verb().equals(verb);
  }

  /**
   * Whether a request was refused for want of this right. A patch that would make the object is let
   * in, and then refused without the right to make it.
   */
  boolean isMissedBy(Audit.Entry entry) {
    return entry.isRefused()
        && isAbout(entry)
        && (entry.isLetIn()
            ? verb.equals("create") && entry.verb().equals("patch")
            : entry.verb().equals(verb));
  }

  private boolean isAbout(Audit.Entry entry) {
    return entry.group().equals(group)
        && entry.resource().equals(resource)
        && (name.isEmpty() || entry.name().equals(name))
        && (role.namespace().isEmpty() || entry.namespace().equals(role.namespace()));
  }

  /** Without its role. */
  @Override
  public String toString() {
    return verb
        + " "
        + resource
        + (group.isEmpty() ? "" : "." + group)
        + (name.isEmpty() ? "" : " " + name);
  }
}
