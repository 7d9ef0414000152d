package dev.fareway.e2e.report;

/**
 * What the node daemon said was in force during a run: the reason and message of the node's
 * condition {@code FarewayEnforcement}.
 *
 * @param mode RealTime, Weighted, DryRun, Off or Unavailable
 * @param message why
 */
public record Enforcement(String mode, String message) {}
