package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The price classes that there are.
 *
 * @param dearestFirst all of them; one without a valid price is none
 */
public record PriceList(List<PricedClass> dearestFirst) {
  private static final Comparator<PricedClass> CHEAPEST_FIRST =
      Comparator.comparing(PricedClass::price)
          .thenComparing(PricedClass::name, Comparator.reverseOrder());

  /** Keeps a copy. */
  public PriceList {
    dearestFirst = List.copyOf(dearestFirst);
  }

  /** Reads {@code PriceClass} objects. */
  public static PriceList read(Collection<JsonNode> objects) {
    var classes = new ArrayList<PricedClass>();
    for (JsonNode object : objects) {
      PricedClass.read(object, 0).ifPresent(classes::add);
    }
    classes.sort(CHEAPEST_FIRST);
    var ranked = new ArrayList<PricedClass>();
    for (int rank = 0; rank < classes.size(); rank++) {
      PricedClass of = classes.get(rank);
      ranked.addFirst(new PricedClass(of.name(), of.price(), of.isDefault(), rank));
    }
    return new PriceList(ranked);
  }

  /** The class of a name. */
  public Optional<PricedClass> of(String name) {
    return dearestFirst.stream().filter(of -> of.name().equals(name)).findFirst();
  }

  /** The class of pods that name none: the default one, else the cheapest. */
  public Optional<PricedClass> standard() {
    return dearestFirst.stream()
        .filter(PricedClass::isDefault)
        .findFirst()
        .or(() -> dearestFirst.isEmpty() ? Optional.empty() : Optional.of(dearestFirst.getLast()));
  }

  /** A class's rank; what is no class goes last, below 0. */
  int rank(String name) {
    return of(name).map(PricedClass::rank).orElse(-1);
  }
}
