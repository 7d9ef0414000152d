package dev.fareway.cli.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.cli.view.ClassChoice.Source;
import dev.fareway.crds.Fareway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassChoiceTest {
  private static final PriceList PRICES =
      PriceList.read(
          List.of(
              priceClass("a", "1", false),
              priceClass("b", "2", true),
              priceClass("c", "3", false)));

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode priceClass(String name, String price, boolean standard) {
    return json(
        """
        {"metadata": {"name": "%s"}, "spec": {"pricePerCpuSecond": "%s", "default": %s}}
        """
            .formatted(name, price, standard));
  }

  private static PodFacts pod(String annotation, String label) {
    return PodFacts.read(
        json(
            """
            {"metadata": {"name": "p", "namespace": "n",
              "annotations": {%s}, "labels": {%s}}, "spec": {}}
            """
                .formatted(entry(annotation), entry(label))));
  }

  private static String entry(String priceClass) {
    return priceClass.isEmpty() ? "" : "\"%s\": \"%s\"".formatted(Fareway.PRICE_CLASS, priceClass);
  }

  private static NamespaceFacts namespace(String annotation) {
    return new NamespaceFacts(
        annotation.isEmpty() ? Map.of() : Map.of(Fareway.PRICE_CLASS, annotation), Map.of());
  }

  private static ClassChoice choice(String annotation, String label, String namespace) {
    return ClassChoice.of(pod(annotation, label), namespace(namespace), PRICES);
  }

  @Test
  void podsAnnotation_goesBeforeAll() {
    assertEquals(new ClassChoice("c", Source.POD_ANNOTATION, true), choice("c", "a", "a"));
  }

  @Test
  void labelThatAdmissionWrote_isTracedToTheNamespace() {
    assertEquals(new ClassChoice("a", Source.NAMESPACE_ANNOTATION, true), choice("", "a", "a"));
  }

  @Test
  void labelThatAdmissionWrote_isTracedToTheDefault() {
    assertEquals(new ClassChoice("b", Source.DEFAULT_CLASS, true), choice("", "b", ""));
  }

  @Test
  void labelOfItsOwn_goesBeforeTheNamespace() {
    assertEquals(new ClassChoice("c", Source.POD_LABEL, true), choice("", "c", "a"));
  }

  @Test
  void nothing_isTheCheapestWhereNoneIsTheDefault() {
    PriceList prices =
        PriceList.read(List.of(priceClass("a", "1", false), priceClass("c", "3", false)));

    assertEquals(
        new ClassChoice("a", Source.CHEAPEST_CLASS, true),
        ClassChoice.of(pod("", ""), NamespaceFacts.SILENT, prices));
  }

  @Test
  void nothing_isNoClassWhereThereIsNone() {
    assertEquals(
        new ClassChoice("", Source.NOTHING, false),
        ClassChoice.of(pod("", ""), NamespaceFacts.SILENT, PriceList.read(List.of())));
  }

  @Test
  void nameOfNoClass_isToldAsSuch() {
    assertEquals(new ClassChoice("x", Source.POD_ANNOTATION, false), choice("x", "", ""));
  }

  @Test
  void budget_lowersAndNeverRaises() {
    ClassChoice choice = choice("b", "", "");

    assertEquals("a", choice.effective(Map.of(Fareway.BUDGET, "Degrade=a"), PRICES));
    assertEquals("b", choice.effective(Map.of(Fareway.BUDGET, "Degrade=c"), PRICES));
    assertEquals("b", choice.effective(Map.of(Fareway.BUDGET, "Degrade=x"), PRICES));
    assertEquals("b", choice.effective(Map.of(Fareway.BUDGET, "Throttle"), PRICES));
  }

  @Test
  void classesWithoutAPrice_areNone() {
    PriceList prices =
        PriceList.read(List.of(priceClass("zero", "0", true), priceClass("word", "x", false)));

    assertEquals(List.of(), prices.dearestFirst());
  }

  @Test
  void selector_isUnderstoodAsKubernetesDoes() {
    JsonNode budget =
        json(
            """
            {"spec": {"selector": {"matchLabels": {"app": "shop"}, "matchExpressions": [
              {"key": "tier", "operator": "NotIn", "values": ["test"]},
              {"key": "old", "operator": "DoesNotExist"}]}}}
            """);

    assertEquals(true, BudgetFacts.selects(budget, Map.of("app", "shop")));
    assertEquals(true, BudgetFacts.selects(budget, Map.of("app", "shop", "tier", "web")));
    assertEquals(false, BudgetFacts.selects(budget, Map.of("app", "shop", "tier", "test")));
    assertEquals(false, BudgetFacts.selects(budget, Map.of("app", "shop", "old", "")));
    assertEquals(false, BudgetFacts.selects(budget, Map.of("app", "lab")));
    assertEquals(true, BudgetFacts.selects(json("{}"), Map.of()));
  }
}
