package dev.fareway.crds.validation;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an API server does with objects of a custom resource definition before it stores them:
 * defaults, structure, rules.
 *
 * <p>The order is the API server's: rules are asked only of an object whose structure is right.
 * Unlike it, unknown fields are always refused, as {@code kubectl} asks the API server to do. The
 * cost of rules is not estimated.
 */
final class DefinitionCheck {

  private final JsonNode schema;
  private final StructureCheck structure;
  private final RuleCheck rules;

  private DefinitionCheck(JsonNode schema) {
    this.schema = schema;
    this.structure = new StructureCheck(schema);
    this.rules = new RuleCheck(schema);
  }

  /** A check by the only version of this definition. */
  static DefinitionCheck of(String definition) {
    return new DefinitionCheck(
        Serialization.unmarshal(definition, JsonNode.class)
            .at("/spec/versions/0/schema/openAPIV3Schema"));
  }

  /** The object with the defaults of the schema filled in. */
  JsonNode withDefaults(JsonNode object) {
    return Defaults.fillIn(schema, object);
  }

  /**
   * Why the object would be refused; empty if it would be accepted.
   *
   * @param object the object as a user wrote it
   * @param before the object that it replaces; null if it is new
   */
  List<Violation> violations(JsonNode object, @Nullable JsonNode before) {
    JsonNode complete = withDefaults(object);
    List<Violation> wrongStructure = structure.violations(complete);
    return wrongStructure.isEmpty()
        ? rules.violations(complete, before == null ? null : withDefaults(before))
        : wrongStructure;
  }
}
