package dev.fareway.scheduler.core;

/**
 * A mark of a node that keeps instances off which don't tolerate it. Only taints that matter for
 * placement are passed in: those of effect NoSchedule and NoExecute.
 *
 * @param key the taint's key
 * @param value its value, empty if none
 * @param effect NoSchedule or NoExecute
 */
public record Taint(String key, String value, String effect) {
  @Override
  public String toString() {
    return value.isEmpty() ? key + ":" + effect : key + "=" + value + ":" + effect;
  }
}
