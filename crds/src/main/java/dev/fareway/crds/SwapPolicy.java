package dev.fareway.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether the memory of a class may be swapped out. */
public enum SwapPolicy {
  /** Its memory is never swapped. */
  @JsonProperty("Never")
  NEVER("Never"),

  /** When a node runs short of memory, cheapest class first. */
  @JsonProperty("UnderPressure")
  UNDER_PRESSURE("UnderPressure");

  private final String value;

  SwapPolicy(String value) {
    this.value = value;
  }

  /** The value as it is written in YAML. */
  @Override
  public String toString() {
    return value;
  }
}
