package dev.fareway.node.dispatcher;

/**
 * How the node is, to be shown to people.
 *
 * @param memoryTotalBytes all memory
 * @param memoryAvailableBytes what can be taken without swapping
 * @param memoryState Normal, Pressure or Critical; empty where functions' memory is not managed
 * @param swapTotalBytes all swap; 0: there is none
 * @param swapUsedBytes what is taken of it
 * @param functionsSwappedBytes functions' memory among that
 */
public record NodeStanding(
    long memoryTotalBytes,
    long memoryAvailableBytes,
    String memoryState,
    long swapTotalBytes,
    long swapUsedBytes,
    long functionsSwappedBytes) {}
