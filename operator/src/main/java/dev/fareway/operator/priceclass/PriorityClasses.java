package dev.fareway.operator.priceclass;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.Price;
import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;

/**
 * The Kubernetes {@code PriorityClass} that goes with a price class, so that the kubelet, when it
 * has to evict, agrees with the prices.
 */
public final class PriorityClasses {
  private static final String PREFIX = "fareway-";

  /** Steps between a price and its double: far more than prices that anybody tells apart. */
  private static final int STEPS_PER_DOUBLING = 1 << 20;

  private PriorityClasses() {}

  /** Its name. */
  public static String nameFor(String priceClass) {
    return PREFIX + priceClass;
  }

  /**
   * Its value: 0 for the lowest price there can be, about a million more for each doubling.
   *
   * <p>It follows from the price alone: a rank would change with every class that comes or goes,
   * and the value of a PriorityClass can't be changed. Always below a hundred million, so below the
   * classes of the system, which begin at two thousand million.
   */
  static int valueFor(Price price) {
    long nanoUnits = price.nanoUnitsPerCpuSecond();
    int doublings = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanoUnits);
    // Between two doublings linearly: the order is all that counts.
    long beyond = nanoUnits - (1L << doublings);
    int shift = doublings - 20;
    long step = shift >= 0 ? beyond >> shift : beyond << -shift;
    return Math.toIntExact((long) doublings * STEPS_PER_DOUBLING + step);
  }

  /** The one for a class that there is in the API server. */
  static PriorityClass of(PriceClass priceClass) {
    String name = priceClass.getMetadata().getName();
    return new PriorityClassBuilder()
        .withNewMetadata()
        .withName(nameFor(name))
        .addToLabels(Fareway.PRICE_CLASS, name)
        .addToLabels("app.kubernetes.io/managed-by", Fareway.SCHEDULER_NAME)
        .withOwnerReferences(
            new OwnerReferenceBuilder()
                .withApiVersion(priceClass.getApiVersion())
                .withKind(priceClass.getKind())
                .withName(name)
                .withUid(priceClass.getMetadata().getUid())
                .build())
        .endMetadata()
        .withValue(valueFor(priceClass.getSpec().price()))
        // Who makes room for whom among functions is decided by price, and not twice.
        .withPreemptionPolicy("Never")
        .withGlobalDefault(false)
        .withDescription("Functions of the price class %s.".formatted(name))
        .build();
  }
}
