package dev.fareway.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How spending stands against a budget. */
public enum BudgetState {
  /** Within reason for this time of the month. */
  @JsonProperty("Within")
  WITHIN("Within"),

  /** Ahead of an even month by more than the burst allows. */
  @JsonProperty("Ahead")
  AHEAD("Ahead"),

  /** The monthly limit is reached. */
  @JsonProperty("Exhausted")
  EXHAUSTED("Exhausted");

  private final String value;

  BudgetState(String value) {
    this.value = value;
  }

  /** The value as it is written in YAML. */
  @Override
  public String toString() {
    return value;
  }
}
