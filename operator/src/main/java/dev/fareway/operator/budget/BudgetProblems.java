package dev.fareway.operator.budget;

import dev.fareway.crds.AheadAction;
import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetSpec;
import dev.fareway.crds.ExhaustedAction;
import dev.fareway.crds.Selection;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What may be wrong with a budget beyond what its schema refuses. A pure function. */
final class BudgetProblems {
  private BudgetProblems() {}

  /**
   * A problem.
   *
   * @param reason one word
   * @param message names the field and what to do
   * @param stops whether the budget can't be judged at all
   */
  record Problem(String reason, String message, boolean stops) {}

  /**
   * Finds the first problem of a budget by itself.
   *
   * @param prices of all price classes, by name
   * @param usedClasses classes that the budget's functions run in by themselves, as far as is known
   */
  static Optional<Problem> of(
      Budget budget, Map<String, Long> prices, Collection<String> usedClasses) {
    BudgetSpec spec = budget.getSpec();
    try {
      var _ = spec.limit();
      var _ = spec.burstPercent();
      var _ = spec.zone();
      var _ = spec.warningPercents();
      Selection.check(spec.selector());
    } catch (IllegalArgumentException e) {
      return Optional.of(new Problem("InvalidSpec", named(e), true));
    }
    if (spec.ahead() != AheadAction.DEGRADE && spec.exhausted() != ExhaustedAction.DEGRADE) {
      return Optional.empty();
    }
    String to = spec.degradeTo();
    if (to == null) {
      return Optional.of(
          new Problem(
              "DegradeToMissing",
              "spec.degradeTo must name a price class, since an action is Degrade",
              true));
    }
    Long price = prices.get(to);
    if (price == null) {
      return Optional.of(
          new Problem(
              "UnknownPriceClass",
              "spec.degradeTo names the price class '%s', which is not there; there are %s"
                  .formatted(to, new TreeSet<>(prices.keySet())),
              false));
    }
    boolean degradesNone =
        !usedClasses.isEmpty()
            && usedClasses.stream().allMatch(used -> prices.getOrDefault(used, 0L) <= price);
    return degradesNone
        ? Optional.of(
            new Problem(
                "DegradeToDearer",
                "spec.degradeTo names the price class '%s', which is not cheaper than those that the functions are in: %s"
                    .formatted(to, new TreeSet<>(usedClasses)),
                false))
        : Optional.empty();
  }

  private static String named(IllegalArgumentException e) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith("spec.") ? message : "spec.monthlyLimit: " + message;
  }

  /**
   * Whether an older budget selects some of the same functions: what they spend counts in both, and
   * the stricter holds.
   *
   * @param others the other budgets of the namespace, with the functions that they select
   */
  static Optional<Problem> overlap(
      Budget budget, Set<String> functions, Map<Budget, Set<String>> others) {
    for (Budget other :
        others.keySet().stream()
            .filter(other -> isOlder(other, budget))
            .sorted(Comparator.comparing(of -> of.getMetadata().getName()))
            .toList()) {
      var shared = new TreeSet<>(others.getOrDefault(other, Set.of()));
      shared.retainAll(functions);
      if (!shared.isEmpty()) {
        return Optional.of(
            new Problem(
                "SelectorOverlaps",
                "spec.selector selects %s, as Budget %s does: it counts in both, and the stricter holds. Narrow one of the selectors"
                    .formatted(shared.first(), other.getMetadata().getName()),
                false));
      }
    }
    return Optional.empty();
  }

  private static boolean isOlder(Budget other, Budget than) {
    return Comparator.comparing(
                (Budget of) -> String.valueOf(of.getMetadata().getCreationTimestamp()))
            .thenComparing(of -> of.getMetadata().getName())
            .compare(other, than)
        < 0;
  }
}
