package dev.fareway.e2e.report;

/**
 * Where an instance of a function went.
 *
 * @param pod the pod's name
 * @param function the function's name
 * @param priceClass the class's name
 * @param node the node it was bound to
 */
public record Placement(String pod, String function, String priceClass, String node) {}
