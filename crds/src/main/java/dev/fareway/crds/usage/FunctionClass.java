package dev.fareway.crds.usage;

/**
 * A function of some namespace, in a class that it ran in.
 *
 * @param function its name
 * @param priceClass name of the class
 */
public record FunctionClass(String function, String priceClass) {}
