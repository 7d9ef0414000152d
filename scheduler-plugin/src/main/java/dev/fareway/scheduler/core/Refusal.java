package dev.fareway.scheduler.core;

/**
 * Why an instance has no node.
 *
 * @param outlook whether waiting can help
 * @param message in words that the pod's owner can act on, for the pod's condition
 */
public record Refusal(Outlook outlook, String message) {
  /** Whether waiting can help. */
  public enum Outlook {
    /** A node will do as soon as others have left it. */
    NOT_NOW,
    /** None will do, even empty: nodes or the pod must change. */
    NEVER_AS_IS
  }
}
