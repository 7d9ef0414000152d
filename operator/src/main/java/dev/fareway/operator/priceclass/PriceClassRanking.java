package dev.fareway.operator.priceclass;

import dev.fareway.crds.CpuPolicy;
import dev.fareway.crds.PriceClass;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Ranks price classes: what each price means on a node, from all classes together. A pure function.
 *
 * <p>Rank 0 is the cheapest. The cheapest class stays on the normal scheduler, so that it can't use
 * up what the kernel leaves to real-time tasks; the others get real-time priorities from 1 upward
 * with a step of two, so that a sidecar has room one above its function: ranks 1, 2, 3 get 1, 3, 5.
 * Priorities end at 39, well below the kernel's own threads at 50; with more than 21 classes the
 * cheaper ones share the normal scheduler, told apart by weight. Weights grow geometrically from 1
 * for the cheapest to 10,000 for the dearest.
 */
public final class PriceClassRanking {
  static final int MAX_REALTIME_PRIORITY = 39;
  static final int MAX_CPU_WEIGHT = 10_000;

  /**
   * What a class is among the others.
   *
   * @param rank 0 for the cheapest
   * @param realtimePriority 1 to 39; null: it stays on the normal scheduler
   * @param cpuWeight 1 to 10,000
   * @param isDefault whether it is the default class that is in force
   */
  public record Standing(
      int rank, @Nullable Integer realtimePriority, int cpuWeight, boolean isDefault) {}

  /**
   * What is to be said of a class.
   *
   * @param standing empty for a class that can't be ranked
   * @param problem why the class is not as its provider wants it; empty if all is well
   */
  public record Verdict(Optional<Standing> standing, Optional<Problem> problem) {}

  /**
   * What is wrong with a class.
   *
   * @param reason for the condition: one word
   * @param message names the objects and the remedy
   */
  public record Problem(String reason, String message) {}

  private PriceClassRanking() {}

  /**
   * Ranks all classes, by name. Of two with one price, or two defaults, the older one counts, then
   * the first by name.
   */
  public static Map<String, Verdict> rank(Collection<PriceClass> classes) {
    var verdicts = new HashMap<String, Verdict>();
    var byPrice = new TreeMap<Long, PriceClass>();
    PriceClass defaultClass = null;
    for (PriceClass priceClass : classes.stream().sorted(BY_AGE).toList()) {
      String name = priceClass.getMetadata().getName();
      long price;
      try {
        price = priceClass.getSpec().price().nanoUnitsPerCpuSecond();
      } catch (IllegalArgumentException e) {
        verdicts.put(name, refused("InvalidPrice", Objects.toString(e.getMessage())));
        continue;
      }
      PriceClass same = byPrice.putIfAbsent(price, priceClass);
      if (same != null) {
        verdicts.put(
            name,
            refused(
                "DuplicatePrice",
                "PriceClasses %s and %s have the same price %s; %s is the older and counts. Give one of them another price."
                    .formatted(
                        same.getMetadata().getName(),
                        name,
                        priceClass.getSpec().pricePerCpuSecond(),
                        same.getMetadata().getName())));
        continue;
      }
      if (priceClass.getSpec().isDefault()) {
        if (defaultClass == null) {
          defaultClass = priceClass;
        } else {
          verdicts.put(
              name,
              refused(
                  "DuplicateDefault",
                  "PriceClasses %s and %s are both the default; %s is the older and counts. Set spec.default to false on one of them."
                      .formatted(
                          defaultClass.getMetadata().getName(),
                          name,
                          defaultClass.getMetadata().getName())));
        }
      }
    }
    List<PriceClass> ranked = new ArrayList<>(byPrice.values());
    String defaultName = defaultClass == null ? "" : defaultClass.getMetadata().getName();
    int unranked = Math.max(0, ranked.size() - 1 - (MAX_REALTIME_PRIORITY + 1) / 2);
    for (int rank = 0; rank < ranked.size(); rank++) {
      PriceClass priceClass = ranked.get(rank);
      int realtimeRank = rank - unranked;
      boolean realtime =
          realtimeRank > 0 && priceClass.getSpec().cpu().policy() != CpuPolicy.WEIGHTED;
      var standing =
          new Standing(
              rank,
              realtime ? Integer.valueOf(2 * realtimeRank - 1) : null,
              weight(rank, ranked.size()),
              priceClass.getMetadata().getName().equals(defaultName));
      verdicts.merge(
          priceClass.getMetadata().getName(),
          new Verdict(Optional.of(standing), Optional.empty()),
          (before, now) -> new Verdict(now.standing(), before.problem()));
    }
    return verdicts;
  }

  /** Geometric steps: with three classes 1, 100, 10,000. */
  private static int weight(int rank, int classes) {
    return classes == 1
        ? 1
        : (int) Math.round(Math.pow(MAX_CPU_WEIGHT, (double) rank / (classes - 1)));
  }

  private static Verdict refused(String reason, String message) {
    return new Verdict(Optional.empty(), Optional.of(new Problem(reason, message)));
  }

  private static final Comparator<PriceClass> BY_AGE =
      Comparator.comparing(
              (PriceClass priceClass) ->
                  Objects.requireNonNullElse(priceClass.getMetadata().getCreationTimestamp(), ""))
          .thenComparing(priceClass -> priceClass.getMetadata().getName());
}
