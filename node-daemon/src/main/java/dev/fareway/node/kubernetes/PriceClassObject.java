package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.PricedClass;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a price class.
 *
 * @param created RFC 3339, so that the older of two comes first by its text
 * @param priced empty while the operator has not ranked it
 */
record PriceClassObject(
    String name, String created, boolean isDefault, Optional<PricedClass> priced) {
  private static final Logger LOG = Logger.getLogger(PriceClassObject.class.getName());

  static Reflector.Item<PriceClassObject> read(JsonParser at) throws IOException {
    var metadata = new Metadata();
    var fields = new Fields();
    Json.object(
        at,
        (field, value) -> {
          switch (field) {
            case "metadata" -> metadata.read(value);
            case "spec" -> Json.object(value, fields::spec);
            case "status" -> Json.object(value, fields::status);
            default -> {}
          }
        });
    return new Reflector.Item<>(
        metadata.name,
        metadata.version,
        metadata.name.isEmpty()
            ? null
            : new PriceClassObject(
                metadata.name, metadata.created, fields.isDefault, fields.priced(metadata.name)));
  }

  private static final class Fields {
    private String price = "";
    private boolean isDefault;
    private boolean swappable = true;
    private @Nullable Long rank;
    private @Nullable Long priority;
    private @Nullable Long weight;

    void spec(String field, JsonParser value) throws IOException {
      switch (field) {
        case "pricePerCpuSecond" -> price = Json.textOrEmpty(value);
        case "default" -> isDefault = value.getValueAsBoolean();
        case "swap" -> swappable = !Json.textOrEmpty(value).equals("Never");
        default -> {}
      }
    }

    void status(String field, JsonParser value) throws IOException {
      switch (field) {
        case "rank" -> rank = Json.number(value);
        case "realtimePriority" -> priority = Json.number(value);
        case "cpuWeight" -> weight = Json.number(value);
        default -> {}
      }
    }

    Optional<PricedClass> priced(String name) {
      if (rank == null || weight == null) {
        return Optional.empty();
      }
      try {
        return Optional.of(
            new PricedClass(
                name,
                Quantities.nanos(price),
                swappable,
                new ClassStanding(
                    Math.toIntExact(rank),
                    priority == null
                        ? OptionalInt.empty()
                        : OptionalInt.of(Math.toIntExact(priority)),
                    Math.toIntExact(weight))));
      } catch (IllegalArgumentException | ArithmeticException e) {
        LOG.log(
            Level.WARNING,
            "Price class {0} is left alone until it is right: {1}",
            new Object[] {name, e.getMessage()});
        return Optional.empty();
      }
    }
  }
}
