package dev.fareway.scheduler.core;

/**
 * A function instance that is to leave its node for a dearer one.
 *
 * @param uid its pod's
 * @param priceNanoUnits what a CPU second of its class costs
 */
public record Victim(String uid, long priceNanoUnits) {}
