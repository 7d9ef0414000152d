package dev.fareway.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What happens when a budget is used up. */
public enum ExhaustedAction {
  /** Functions run in a cheaper class. */
  @JsonProperty("Degrade")
  DEGRADE("Degrade"),

  /** New instances wait and running ones slow down. */
  @JsonProperty("Throttle")
  THROTTLE("Throttle");

  private final String value;

  ExhaustedAction(String value) {
    this.value = value;
  }

  /** The value as it is written in YAML. */
  @Override
  public String toString() {
    return value;
  }
}
