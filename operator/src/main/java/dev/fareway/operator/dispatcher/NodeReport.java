package dev.fareway.operator.dispatcher;

/**
 * What a node's daemon says of its node, to be shown to people: no decision is made of it.
 *
 * @param functions function instances on the node
 * @param memoryTotalBytes all memory
 * @param memoryAvailableBytes what can be taken without swapping
 * @param memoryState Normal, Pressure or Critical; empty: functions' memory is not managed there
 * @param swapTotalBytes all swap; 0: there is none
 * @param swapUsedBytes what is taken of it
 * @param functionsSwappedBytes functions' memory among that
 */
public record NodeReport(
    int functions,
    long memoryTotalBytes,
    long memoryAvailableBytes,
    String memoryState,
    long swapTotalBytes,
    long swapUsedBytes,
    long functionsSwappedBytes) {}
