package dev.fareway.crds;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a node enforces a class on its CPUs. */
public enum CpuPolicy {
  /** Real time where that is safe and allowed, else by weight. */
  @JsonProperty("Auto")
  AUTO("Auto"),

  /** On real time (SCHED_FIFO) if the node allows it. */
  @JsonProperty("RealTime")
  REAL_TIME("RealTime"),

  /** By CPU weight only, never on real time. */
  @JsonProperty("Weighted")
  WEIGHTED("Weighted");

  private final String value;

  CpuPolicy(String value) {
    this.value = value;
  }

  /** The value as it is written in YAML. */
  @Override
  public String toString() {
    return value;
  }
}
