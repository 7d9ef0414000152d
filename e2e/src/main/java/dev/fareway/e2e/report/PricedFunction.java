package dev.fareway.e2e.report;

/**
 * A function of the demo and its price class.
 *
 * @param priceClass the class's name
 * @param function the function's name
 * @param pricePerCpuSecond as the PriceClass states it, for example {@code 2u}
 */
public record PricedFunction(String priceClass, String function, String pricePerCpuSecond) {}
