package dev.fareway.cli.cluster;

/** Something could not be read from the cluster; the message is for the user. */
public final class ClusterFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What kind of failure, which is what the exit code tells. */
  public enum Kind {
    /** No kubeconfig, no such context, no answer. */
    NO_CLUSTER,
    /** The API server does not know the caller, or does not allow it. */
    NOT_ALLOWED,
    /** There is no such object or resource. */
    NOT_THERE,
    /** Anything else that the API server refuses. */
    REFUSED
  }

  private final Kind kind;

  /**
   * A failure.
   *
   * @param message one sentence or two: what could not be had, why, and what to do
   */
  public ClusterFailure(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** What kind of failure. */
  public Kind kind() {
    return kind;
  }

  /** The message, which is never null. */
  public String sentence() {
    return String.valueOf(getMessage());
  }
}
