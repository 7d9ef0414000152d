package dev.fareway.cli.command;

import dev.fareway.cli.cluster.ClusterFailure;

/** What the exit status tells scripts. */
public final class ExitCodes {
  /** Done. */
  public static final int OK = 0;

  /** Failed in a way that no other code tells. */
  public static final int FAILED = 1;

  /** Wrong usage. */
  public static final int USAGE = 2;

  /** No kubeconfig, no such context, or the API server can't be reached. */
  public static final int NO_CLUSTER = 3;

  /** The API server does not know the user, or does not allow this. */
  public static final int NOT_ALLOWED = 4;

  /** There is no such pod, or Fareway is not installed. */
  public static final int NOT_THERE = 5;

  private ExitCodes() {}

  static int of(ClusterFailure.Kind kind) {
    return switch (kind) {
      case NO_CLUSTER -> NO_CLUSTER;
      case NOT_ALLOWED -> NOT_ALLOWED;
      case NOT_THERE -> NOT_THERE;
      case REFUSED -> FAILED;
    };
  }
}
