package dev.fareway.e2e.report;

/** One of the demo's three runs. */
public enum RunKind {
  /** The dearest class alone on the machine. */
  UNLOADED("unloaded"),
  /** All classes, placed by Fareway and left to the kernel's normal scheduler. */
  CROWDED("crowded"),
  /** All classes, placed by Fareway and run in the order of what they pay. */
  FAREWAY("Fareway");

  private final String label;

  RunKind(String label) {
    this.label = label;
  }

  /** What readers see. */
  public String label() {
    return label;
  }
}
