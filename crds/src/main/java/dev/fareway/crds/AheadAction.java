package dev.fareway.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What happens when spending runs ahead of the month. */
public enum AheadAction {
  /** Nothing but a warning. */
  @JsonProperty("None")
  NONE("None"),

  /** Functions run in a cheaper class. */
  @JsonProperty("Degrade")
  DEGRADE("Degrade"),

  /** New instances wait and running ones slow down. */
  @JsonProperty("Throttle")
  THROTTLE("Throttle");

  private final String value;

  AheadAction(String value) {
    this.value = value;
  }

  /** The value as it is written in YAML. */
  @Override
  public String toString() {
    return value;
  }
}
