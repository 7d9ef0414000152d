package dev.fareway.crds.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * A manifest that must be accepted or refused.
 *
 * <p>It has one document or more. Each is written as a whole: the first creates an object, each
 * further one replaces it; a status is then written through the status subresource. If the sample
 * is to be refused, it is its last document that must be, and all before must be accepted.
 *
 * @param name name of the file without its ending
 * @param documents the states of the object, at least one
 * @param refusal why the last document must be refused; empty if all must be accepted
 */
public record Sample(String name, List<JsonNode> documents, Optional<Refusal> refusal) {

  /** Copies the list. */
  public Sample {
    documents = List.copyOf(documents);
    if (documents.isEmpty()) {
      throw new IllegalArgumentException(name + " has no document");
    }
  }

  /** The kind of the object. */
  public String kind() {
    return documents.getFirst().path("kind").asText();
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * What the user must be told.
   *
   * @param field path of the field at fault, such as {@code spec.swap}
   * @param message a part of the message
   */
  public record Refusal(String field, String message) {

    /**
     * Whether this violation tells it. One of an object as a whole must name the field in its
     * message.
     */
    public boolean isToldBy(Violation violation) {
      boolean namesField = violation.field().equals(field) || violation.message().contains(field);
      return namesField && violation.message().contains(message);
    }
  }
}
