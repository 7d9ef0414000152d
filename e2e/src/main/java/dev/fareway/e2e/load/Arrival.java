package dev.fareway.e2e.load;

/**
 * One request to send.
 *
 * @param stream index of its class in the plan
 * @param atNanos when it is due, in nanoseconds from the start of the load
 * @param cpuMicros how much CPU time it asks for
 */
record Arrival(int stream, long atNanos, int cpuMicros) {}
