package dev.fareway.crds.validation;

/**
 * One reason why an object is refused, in the words of an API server.
 *
 * @param field path of the field, such as {@code spec.swap}; empty for the object as a whole
 * @param message what is wrong with it
 */
public record Violation(String field, String message) {

  @Override
  public String toString() {
    return field + ": " + message;
  }
}
