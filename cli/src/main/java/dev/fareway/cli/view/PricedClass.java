package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.crds.Price;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Optional;

/**
 * A price class.
 *
 * @param rank its place by price among all, 0 is the cheapest
 */
public record PricedClass(String name, Price price, boolean isDefault, int rank) {

  /** Empty if it has no valid price. */
  static Optional<PricedClass> read(JsonNode priceClass, int rank) {
    Price price;
    try {
      price = Price.of(new Quantity(Facts.text(priceClass, "spec", "pricePerCpuSecond")));
    } catch (IllegalArgumentException e) {
      // It got in without the schema; the operator says so on it, and gives it no rank either.
      return Optional.empty();
    }
    return Optional.of(
        new PricedClass(
            Facts.text(priceClass, "metadata", "name"),
            price,
            priceClass.path("spec").path("default").asBoolean(false),
            rank));
  }
}
