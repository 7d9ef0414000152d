package dev.fareway.crds.validation;

import dev.cel.bundle.CelBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The functions on quantities that Kubernetes adds to CEL: {@code isQuantity}, {@code quantity},
 * and the comparisons.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library">the
 *     Kubernetes quantity library</a>
 */
final class QuantityLibrary {

  private static final Pattern GRAMMAR =
      Pattern.compile(
          "([+-]?(?:\\d+\\.?\\d*|\\.\\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\\d+))?");

  private static final Map<String, BigDecimal> FACTORS =
      Map.ofEntries(
          Map.entry("n", decimal(-9)),
          Map.entry("u", decimal(-6)),
          Map.entry("m", decimal(-3)),
          Map.entry("k", decimal(3)),
          Map.entry("M", decimal(6)),
          Map.entry("G", decimal(9)),
          Map.entry("T", decimal(12)),
          Map.entry("P", decimal(15)),
          Map.entry("E", decimal(18)),
          Map.entry("Ki", binary(1)),
          Map.entry("Mi", binary(2)),
          Map.entry("Gi", binary(3)),
          Map.entry("Ti", binary(4)),
          Map.entry("Pi", binary(5)),
          Map.entry("Ei", binary(6)));

  private static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");

  private QuantityLibrary() {}

  /** A quantity as CEL passes it around. */
  record Value(BigDecimal amount) {}

  static CelBuilder addTo(CelBuilder cel) {
    return cel.addFunctionDeclarations(
            CelFunctionDecl.newFunctionDeclaration(
                "isQuantity",
                CelOverloadDecl.newGlobalOverload(
                    "is_quantity_string", SimpleType.BOOL, SimpleType.STRING)),
            CelFunctionDecl.newFunctionDeclaration(
                "quantity",
                CelOverloadDecl.newGlobalOverload(
                    "string_to_quantity", QUANTITY, SimpleType.STRING)),
            comparison("isGreaterThan", "quantity_is_greater_than", SimpleType.BOOL),
            comparison("isLessThan", "quantity_is_less_than", SimpleType.BOOL),
            comparison("compareTo", "quantity_compare_to", SimpleType.INT))
        .addFunctionBindings(
            CelFunctionBinding.from(
                "is_quantity_string", String.class, text -> parse(text).isPresent()),
            CelFunctionBinding.from("string_to_quantity", String.class, QuantityLibrary::quantity),
            CelFunctionBinding.from(
                "quantity_is_greater_than", Value.class, Value.class, (a, b) -> compare(a, b) > 0),
            CelFunctionBinding.from(
                "quantity_is_less_than", Value.class, Value.class, (a, b) -> compare(a, b) < 0),
            CelFunctionBinding.from(
                "quantity_compare_to", Value.class, Value.class, (a, b) -> (long) compare(a, b)));
  }

  private static CelFunctionDecl comparison(String name, String overload, CelType result) {
    return CelFunctionDecl.newFunctionDeclaration(
        name, CelOverloadDecl.newMemberOverload(overload, result, QUANTITY, QUANTITY));
  }

  private static Value quantity(String text) throws CelEvaluationException {
    return parse(text)
        .map(Value::new)
        .orElseThrow(() -> new CelEvaluationException("\"" + text + "\" is not a quantity"));
  }

  private static int compare(Value a, Value b) {
    return a.amount().compareTo(b.amount());
  }

  /** The amount, rounded up to nano-units as Kubernetes does; empty if the text is no quantity. */
  static Optional<BigDecimal> parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    var number = new BigDecimal(matcher.group(1));
    String suffix = matcher.group(2);
    String exponent = matcher.group(3);
    if (suffix != null) {
      number = number.multiply(FACTORS.getOrDefault(suffix, BigDecimal.ONE));
    } else if (exponent != null) {
      number = number.scaleByPowerOfTen(Integer.parseInt(exponent));
    }
    return Optional.of(number.setScale(9, RoundingMode.UP));
  }

  private static BigDecimal decimal(int exponent) {
    return BigDecimal.ONE.scaleByPowerOfTen(exponent);
  }

  private static BigDecimal binary(int exponent) {
    return BigDecimal.valueOf(1024).pow(exponent);
  }
}
