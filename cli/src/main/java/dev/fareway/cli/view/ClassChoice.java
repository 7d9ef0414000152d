package dev.fareway.cli.view;

import dev.fareway.crds.Fareway;
import java.util.Map;
import java.util.Optional;

/**
 * Which class a pod is in, and what says so. The order is the scheduler's: the pod's annotation,
 * its label, its namespace's annotation, its namespace's label, the default class, the cheapest.
 *
 * @param priceClass name of the class; empty: there is no class at all
 * @param source what says so
 * @param exists whether there is such a class
 */
public record ClassChoice(String priceClass, Source source, boolean exists) {
  private static final String KEY = Fareway.PRICE_CLASS;

  /** What says which class. */
  public enum Source {
    POD_ANNOTATION("named by the pod's annotation " + KEY),
    POD_LABEL("named by the pod's label " + KEY),
    NAMESPACE_ANNOTATION("named by its namespace's annotation " + KEY),
    NAMESPACE_LABEL("named by its namespace's label " + KEY),
    DEFAULT_CLASS("the default class, for nothing names another"),
    CHEAPEST_CLASS("the cheapest class, for nothing names another and none is the default"),
    NOTHING("for there is no PriceClass in this cluster");

    private final String words;

    Source(String words) {
      this.words = words;
    }

    /** In words, after the class and a comma. */
    public String words() {
      return words;
    }
  }

  /**
   * Chooses.
   *
   * @param namespace annotations and labels of the pod's namespace
   */
  public static ClassChoice of(PodFacts pod, NamespaceFacts namespace, PriceList prices) {
    Optional<ClassChoice> own = named(pod.annotations(), Source.POD_ANNOTATION, prices);
    if (own.isPresent()) {
      return own.get();
    }
    Optional<ClassChoice> label = named(pod.labels(), Source.POD_LABEL, prices);
    ClassChoice without =
        named(namespace.annotations(), Source.NAMESPACE_ANNOTATION, prices)
            .or(() -> named(namespace.labels(), Source.NAMESPACE_LABEL, prices))
            .orElseGet(() -> standard(prices));
    // At admission the label is written for whoever names none: then what it came from says more.
    return label.isEmpty() || label.get().priceClass.equals(without.priceClass)
        ? without
        : label.get();
  }

  private static ClassChoice standard(PriceList prices) {
    return prices
        .standard()
        .map(
            of ->
                new ClassChoice(
                    of.name(), of.isDefault() ? Source.DEFAULT_CLASS : Source.CHEAPEST_CLASS, true))
        .orElse(new ClassChoice("", Source.NOTHING, false));
  }

  private static Optional<ClassChoice> named(
      Map<String, String> map, Source source, PriceList prices) {
    return Optional.ofNullable(map.get(KEY))
        .filter(name -> !name.isEmpty())
        .map(name -> new ClassChoice(name, source, prices.of(name).isPresent()));
  }

  /**
   * The class that the pod runs in: a budget may have lowered it.
   *
   * @param annotations the pod's
   */
  public String effective(Map<String, String> annotations, PriceList prices) {
    String ruling = annotations.getOrDefault(Fareway.BUDGET, "");
    if (!ruling.startsWith(Fareway.DEGRADE)) {
      return priceClass;
    }
    String to = ruling.substring(Fareway.DEGRADE.length());
    return prices.of(to).isPresent() && prices.rank(to) < prices.rank(priceClass) ? to : priceClass;
  }
}
