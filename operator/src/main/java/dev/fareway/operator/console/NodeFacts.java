package dev.fareway.operator.console;

/**
 * What is kept of a Node, to be shown.
 *
 * @param memoryBytes its capacity; 0 if it does not say
 * @param enforcement reason of its condition FarewayEnforcement; empty if it has none
 */
record NodeFacts(
    String name,
    boolean ready,
    boolean schedulable,
    long memoryBytes,
    String enforcement,
    boolean enforced,
    String enforcementMessage) {}
