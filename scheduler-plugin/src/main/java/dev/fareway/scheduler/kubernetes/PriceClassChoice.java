package dev.fareway.scheduler.kubernetes;

import dev.fareway.crds.Fareway;
import dev.fareway.scheduler.core.PricedClass;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which price class a pod is in. */
public sealed interface PriceClassChoice {
  /** The pod is in a class that there is. */
  record Chosen(String priceClass) implements PriceClassChoice {}

  /**
   * The pod names a class that there isn't, or names none while there is none at all.
   *
   * @param message for the pod's condition: what it names, what there is, what to write
   */
  record Unknown(String message) implements PriceClassChoice {}

  /**
   * The class that a pod names, by its annotation or its label; else its namespace's; else the
   * default class; else the cheapest.
   *
   * @param defaultClass the class that is the default, if there is one
   */
  static PriceClassChoice of(
      ObjectMeta pod,
      @Nullable ObjectMeta namespace,
      Collection<PricedClass> classes,
      Optional<String> defaultClass) {
    if (classes.isEmpty()) {
      return new Unknown(
          "There is no PriceClass in this cluster yet. Ask its provider to create one, for example with kubectl apply -f"
              + " <file with kind: PriceClass>.");
    }
    String named =
        named(pod).or(() -> namespace == null ? Optional.empty() : named(namespace)).orElse("");
    if (named.isEmpty()) {
      return new Chosen(
          defaultClass.orElseGet(
              () ->
                  classes.stream()
                      .min(
                          Comparator.comparingLong(PricedClass::priceNanoUnits)
                              .thenComparing(PricedClass::name))
                      .orElseThrow()
                      .name()));
    }
    if (classes.stream().anyMatch(priced -> priced.name().equals(named))) {
      return new Chosen(named);
    }
    List<String> known =
        classes.stream()
            .sorted(
                Comparator.comparingLong(PricedClass::priceNanoUnits)
                    .reversed()
                    .thenComparing(PricedClass::name))
            .map(PricedClass::name)
            .toList();
    return new Unknown(
        "There is no PriceClass '%s'. Known classes, dearest first: %s. Set the annotation %s to one of them."
            .formatted(named, String.join(", ", known), Fareway.PRICE_CLASS));
  }

  private static Optional<String> named(ObjectMeta meta) {
    return value(meta.getAnnotations()).or(() -> value(meta.getLabels()));
  }

  private static Optional<String> value(@Nullable Map<String, String> map) {
    return Optional.ofNullable(map)
        .map(values -> values.get(Fareway.PRICE_CLASS))
        .filter(value -> !Objects.equals(value, ""));
  }
}
