package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * One verb on one resource, as a rule of a role grants it.
 *
 * @param rule which rule of its role, from 0
 */
record Right(int rule, String group, String resource, String verb) {

  /** All that these rules grant. */
  static List<Right> of(List<PolicyRule> rules) {
    List<Right> rights = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      for (String group : rules.get(i).getApiGroups()) {
        for (String resource : rules.get(i).getResources()) {
          for (String verb : rules.get(i).getVerbs()) {
            rights.add(new Right(i, group, resource, verb));
          }
        }
      }
    }
    return rights;
  }

  /** The rules without this right alone. */
  List<PolicyRule> takenFrom(List<PolicyRule> rules) {
    List<PolicyRule> left = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      PolicyRule of = rules.get(i);
      if (i != rule) {
        left.add(of);
        continue;
      }
      List<String> others = of.getResources().stream().filter(r -> !r.equals(resource)).toList();
      List<String> verbs = of.getVerbs().stream().filter(v -> !v.equals(verb)).toList();
      if (!others.isEmpty()) {
        left.add(new PolicyRuleBuilder(of).withResources(others).build());
      }
      if (!verbs.isEmpty()) {
        left.add(new PolicyRuleBuilder(of).withResources(resource).withVerbs(verbs).build());
      }
    }
    return left;
  }

  /** Whether a request asks for this right. */
  boolean isAskedForBy(Audit.Entry entry) {
    return isAbout(entry) && entry.verb().equals(verb);
  }

  /**
   * Whether a request that was refused was refused for want of this right. A patch that would make
   * the object is refused without the right to make it.
   */
  boolean isMissedBy(Audit.Entry entry) {
    return entry.code() == 403
        && isAbout(entry)
        && (entry.verb().equals(verb) || (verb.equals("create") && entry.verb().equals("patch")));
  }

  private boolean isAbout(Audit.Entry entry) {
    return entry.group().equals(group) && entry.resource().equals(resource);
  }

  @Override
  public String toString() {
    return verb + " " + resource + (group.isEmpty() ? "" : "." + group);
  }
}
