package dev.fareway.node.core.meter;

/**
 * What a charge goes to: a function, in the class that it ran in.
 *
 * @param namespace namespace of the function
 * @param function name of the function
 * @param priceClass name of the class
 */
public record UsageKey(String namespace, String function, String priceClass) {}
