package dev.fareway.e2e.cluster;

/** How a node daemon is to enforce price classes. */
public enum NodeDaemonMode {
  /** Real time where the kernel allows it, else by weight. */
  AUTO("Auto"),
  /** Real time only. */
  REAL_TIME("RealTime"),
  /** By weight only. */
  WEIGHTED("Weighted"),
  /** Not at all; the node daemon only reports and dispatches. */
  OFF("Off");

  private final String argument;

  NodeDaemonMode(String argument) {
    this.argument = argument;
  }

  /** The word for it on the node daemon's command line. */
  String argument() {
    return argument;
  }
}
