package dev.fareway.crds.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks an object by the CEL rules ({@code x-kubernetes-validations}) of a definition. */
final class RuleCheck {

  private static final Pattern TRANSITION = Pattern.compile("\\boldSelf\\b");

  /**
   * One rule, compiled.
   *
   * @param transition whether it compares with the object before, and so holds for updates alone
   */
  private record Rule(
      String source,
      boolean transition,
      Program program,
      String field,
      String message,
      String reason) {}

  private final JsonNode schema;
  private final Map<String, List<Rule>> rulesByPath = new HashMap<>();

  /**
   * Compiles all rules.
   *
   * @throws IllegalArgumentException naming the rule, if one is no CEL or names what isn't there
   */
  RuleCheck(JsonNode schema) {
    this.schema = schema;
    compileAll("", schema);
  }

  List<Violation> violations(JsonNode object, @Nullable JsonNode before) {
    var violations = new ArrayList<Violation>();
    check("", "", schema, object, before == null ? MissingNode.getInstance() : before, violations);
    return violations;
  }

  private void compileAll(String schemaPath, JsonNode node) {
    if (node.has("x-kubernetes-validations")) {
      rulesByPath.put(schemaPath, compile(schemaPath, node));
    }
    node.path("properties")
        .properties()
        .forEach(property -> compileAll(schemaPath + "." + property.getKey(), property.getValue()));
    if (node.has("items")) {
      compileAll(schemaPath + "[]", node.path("items"));
    }
  }

  private static List<Rule> compile(String schemaPath, JsonNode node) {
    var types = new SchemaTypes();
    var self = schemaPath.isEmpty() ? types.ofRoot(node) : types.of(node, SchemaTypes.ROOT);
    Cel cel =
        QuantityLibrary.addTo(
                CelFactory.standardCelBuilder()
                    .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                    .setTypeProvider(types.provider())
                    .addVar("self", self)
                    .addVar("oldSelf", self)
                    .setResultType(SimpleType.BOOL))
            .build();
    var rules = new ArrayList<Rule>();
    for (JsonNode validation : node.path("x-kubernetes-validations")) {
      String source = validation.path("rule").asText();
      rules.add(
          new Rule(
              source,
              TRANSITION.matcher(source).find(),
              program(cel, schemaPath, source),
              validation.path("fieldPath").asText().replaceFirst("^\\.", ""),
              validation.path("message").asText("failed rule: " + source),
              validation.path("reason").asText()));
    }
    return rules;
  }

  private static Program program(Cel cel, String schemaPath, String rule) {
    try {
      return cel.createProgram(cel.compile(rule).getAst());
    } catch (CelValidationException | CelEvaluationException e) {
      throw new IllegalArgumentException("rule at \"" + schemaPath + "\": " + rule, e);
    }
  }

  private void check(
      String path,
      String schemaPath,
      JsonNode node,
      JsonNode value,
      JsonNode before,
      List<Violation> violations) {
    if (value.isMissingNode()) {
      return;
    }
    for (Rule rule : rulesByPath.getOrDefault(schemaPath, List.of())) {
      if (!(rule.transition() && before.isMissingNode()) && !holds(rule, path, value, before)) {
        violations.add(violation(rule, path, value));
      }
    }
    for (var property : node.path("properties").properties()) {
      String name = property.getKey();
      check(
          StructureCheck.join(path, name),
          schemaPath + "." + name,
          property.getValue(),
          value.path(name),
          before.path(name),
          violations);
    }
    for (int i = 0; i < value.size() && value.isArray(); i++) {
      check(
          path + "[" + i + "]",
          schemaPath + "[]",
          node.path("items"),
          value.get(i),
          sameItem(node, value.get(i), before),
          violations);
    }
  }

  /** The item before with the same key; none in a list without keys. */
  private static JsonNode sameItem(JsonNode listSchema, JsonNode item, JsonNode before) {
    JsonNode key = StructureCheck.keyOf(listSchema, item);
    for (JsonNode candidate : before) {
      if (!key.isEmpty() && StructureCheck.keyOf(listSchema, candidate).equals(key)) {
        return candidate;
      }
    }
    return MissingNode.getInstance();
  }

  private static boolean holds(Rule rule, String path, JsonNode value, JsonNode before) {
    var variables = new HashMap<String, Object>();
    variables.put("self", SchemaTypes.celValue(value));
    if (rule.transition()) {
      variables.put("oldSelf", SchemaTypes.celValue(before));
    }
    try {
      return (Boolean) rule.program().eval(variables);
    } catch (CelEvaluationException e) {
      throw new IllegalStateException(
          "rule at \"" + path + "\" can't be evaluated: " + rule.source(), e);
    }
  }

  private static Violation violation(Rule rule, String path, JsonNode value) {
    String field = rule.field().isEmpty() ? path : StructureCheck.join(path, rule.field());
    String detail = ": " + rule.message();
    return switch (rule.reason()) {
      case "FieldValueRequired" -> new Violation(field, "Required value" + detail);
      case "FieldValueForbidden" -> new Violation(field, "Forbidden" + detail);
      default ->
          new Violation(
              field, "Invalid value" + (value.isContainerNode() ? "" : ": " + value) + detail);
    };
  }
}
