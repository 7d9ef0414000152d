package dev.fareway.crds.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The check itself notices what an API server would. */
class DefinitionCheckTest {

  private static final String DEFINITION =
      """
      spec:
        versions:
        - schema:
            openAPIV3Schema:
              type: object
              properties:
                spec:
                  type: object
                  default: {}
                  properties:
                    size: {type: integer, default: 1, maximum: 9}
                    items:
                      type: array
                      x-kubernetes-list-type: map
                      x-kubernetes-list-map-keys: [name]
                      items:
                        type: object
                        required: [name]
                        properties:
                          name: {type: string, maxLength: 3}
                          count:
                            type: integer
                            x-kubernetes-validations:
                            - {rule: self >= oldSelf, message: count can't shrink}
                  x-kubernetes-validations:
                  - rule: RULE
                    message: too small
                    fieldPath: .size
      """;

  @Test
  void rule_isAskedOfTheDefaults() {
    var check = check("self.size > 1");
    assertEquals(
        List.of(new Violation("spec.size", "Invalid value: too small")),
        check.violations(yaml("spec: {}"), null));
    assertEquals(List.of(), check.violations(yaml("spec: {size: 2}"), null));
  }

  @Test
  void rule_isNotAsked_whenTheStructureIsWrong() {
    assertEquals(
        List.of(
            new Violation(
                "spec.size",
                "Invalid value: \"string\": spec.size in body must be of type integer: \"string\"")),
        check("self.size > 1").violations(yaml("spec: {size: big}"), null));
  }

  @Test
  void ruleThatComparesWithBefore_followsTheKeyOfAnItem() {
    // given
    var check = check("true");
    JsonNode before = yaml("spec: {items: [{name: a, count: 5}, {name: b, count: 1}]}");

    // when
    List<Violation> reordered =
        check.violations(yaml("spec: {items: [{name: b, count: 2}, {name: a, count: 5}]}"), before);
    List<Violation> shrunk =
        check.violations(yaml("spec: {items: [{name: b, count: 2}, {name: a, count: 4}]}"), before);

    // then
    assertEquals(List.of(), reordered);
    assertEquals(
        List.of(new Violation("spec.items[1].count", "Invalid value: 4: count can't shrink")),
        shrunk);
  }

  @Test
  void keyedList_refusesTheSameKeyTwice() {
    assertEquals(
        List.of(new Violation("spec.items[1]", "Duplicate value: {\"name\":\"a\"}")),
        check("true").violations(yaml("spec: {items: [{name: a}, {name: a}]}"), null));
  }

  @Test
  void definition_isRefused_whenARuleNamesAFieldThatIsNotThere() {
    var refusal = assertThrows(IllegalArgumentException.class, () -> check("self.sise > 1"));
    assertTrue(refusal.toString().contains("self.sise > 1"), refusal.toString());
  }

  @Test
  void definition_isRefused_whenARuleComparesDifferentTypes() {
    assertThrows(IllegalArgumentException.class, () -> check("self.size > '1'"));
  }

  private static DefinitionCheck check(String rule) {
    return DefinitionCheck.of(DEFINITION.replace("RULE", "\"" + rule + "\""));
  }

  private static JsonNode yaml(String yaml) {
    return Serialization.unmarshal(yaml, JsonNode.class);
  }
}
