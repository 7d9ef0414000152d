package dev.fareway.scheduler.core;

/**
 * An entry of an idle list, to be shown.
 *
 * @param name name of the node
 * @param functions function instances there, those just placed included
 * @param availableMemoryBytes what functions can still take
 */
public record IdleNode(String name, int functions, long availableMemoryBytes) {}
