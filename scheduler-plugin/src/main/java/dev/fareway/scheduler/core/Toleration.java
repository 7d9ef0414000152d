package dev.fareway.scheduler.core;

/**
 * What an instance tolerates.
 *
 * @param key the taint's key; empty with {@code anyValue}: every taint
 * @param anyValue whether every value of the key is tolerated (operator Exists)
 * @param value the tolerated value otherwise (operator Equal)
 * @param effect the tolerated effect; empty: every effect
 */
public record Toleration(String key, boolean anyValue, String value, String effect) {
  boolean covers(Taint taint) {
    return (effect.isEmpty() || effect.equals(taint.effect()))
        && (anyValue
            ? key.isEmpty() || key.equals(taint.key())
            : key.equals(taint.key()) && value.equals(taint.value()));
  }
}
