package dev.fareway.e2e.report;

/**
 * What the node daemon said was in force during a run: the reason and message of the node's
 * condition {@code FarewayEnforcement}.
 *
 * @param mode RealTime, Weighted, DryRun, Off or Unavailable
 * @param message why
 */
public record Enforcement(String mode, String message) {
  /** Whether functions run in the order of what they pay. */
  public boolean inForce() {
    return mode.equals("RealTime") || mode.equals("Weighted");
  }
}
