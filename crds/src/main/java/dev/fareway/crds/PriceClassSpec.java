package dev.fareway.crds;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * What the provider says about a {@link PriceClass}.
 *
 * <p>The schema guarantees the ranges, but an object may have got in without it: {@link #price}
 * checks again.
 *
 * @param pricePerCpuSecond price of one CPU second in the cluster's currency unit
 * @param isDefault whether functions that name no class belong to this one
 * @param swap whether memory of this class may be swapped out
 * @param cpu how nodes enforce the class on their CPUs
 */
@JsonClassDescription("What the provider says about the price class.")
public record PriceClassSpec(
    @Required
        @JsonPropertyDescription(
            "Price of one CPU second in the cluster's currency unit, as a quantity: 2u is two"
                + " millionths. It must be more than 0, a whole number of nano-units (n), and differ"
                + " from the price of every other class. The dearer class goes first in the queue, on"
                + " the CPUs and in memory; the rank in the status follows from the prices. A change"
                + " applies to what is used from then on.")
        @ValidationRule(
            value = "type(self) == string ? isQuantity(self) : true",
            message = "pricePerCpuSecond must be a Kubernetes quantity, such as 2u or 0.5")
        @ValidationRule(
            value =
                "type(self) == string ? !isQuantity(self) || quantity(self).isGreaterThan(quantity('0')) : self > 0",
            message = "pricePerCpuSecond must be more than 0")
        @ValidationRule(
            value =
                "type(self) == string ? !isQuantity(self) || !quantity(self).isGreaterThan(quantity('1M')) : self <= 1000000",
            message = "pricePerCpuSecond must be at most 1M")
        Quantity pricePerCpuSecond,
    @JsonProperty("default")
        @Default("false")
        @JsonPropertyDescription(
            "Whether functions that name no class belong to this one. At most one class may be the"
                + " default; without any, such functions belong to the cheapest class.")
        boolean isDefault,
    @Default("UnderPressure")
        @JsonPropertyDescription(
            "Whether memory of this class may be swapped out. UnderPressure: when a node runs short of"
                + " memory, the cheapest class first. Never: its memory is never swapped.")
        SwapPolicy swap,
    @Default("{}") @JsonPropertyDescription("How nodes enforce the class on their CPUs.") Cpu cpu) {

  /** Fills in the defaults that the schema names. */
  public PriceClassSpec {
    swap = requireNonNullElse(swap, SwapPolicy.UNDER_PRESSURE);
    cpu = requireNonNullElse(cpu, Cpu.AUTO);
  }

  /** A class of this price, with every other field at its default. */
  public static PriceClassSpec ofPrice(String pricePerCpuSecond) {
    return new PriceClassSpec(
        new Quantity(pricePerCpuSecond), false, SwapPolicy.UNDER_PRESSURE, Cpu.AUTO);
  }

  /**
   * The price, checked.
   *
   * @throws IllegalArgumentException naming the value, if it is missing or no price
   */
  public Price price() {
    if (pricePerCpuSecond == null) {
      throw new IllegalArgumentException("spec.pricePerCpuSecond is missing");
    }
    return Price.of(pricePerCpuSecond);
  }

  /**
   * How nodes enforce a class on their CPUs.
   *
   * @param policy the policy asked for; a node that can't follow it says so in its status
   */
  public record Cpu(
      @Default("Auto")
          @JsonPropertyDescription(
              "Auto: on real time as long as the classes below can be held off by weight, else by"
                  + " weight. RealTime: on real time (SCHED_FIFO) if the node allows it. Weighted: by"
                  + " CPU weight only.")
          CpuPolicy policy) {

    /** The default. */
    public static final Cpu AUTO = new Cpu(CpuPolicy.AUTO);

    /** Fills in the default that the schema names. */
    public Cpu {
      policy = requireNonNullElse(policy, CpuPolicy.AUTO);
    }
  }
}
