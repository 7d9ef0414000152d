package dev.fareway.operator.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.fareway.scheduler.core.PricedClass;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class RepairTest {
  private static final String CLASS = "fareway.dev/price-class";
  private Optional<String> namespaceClass = Optional.empty();

  private final PricedCluster cluster =
      new PricedCluster() {
        @Override
        public Collection<PricedClass> classes() {
          return List.of(new PricedClass("interactive", 20), new PricedClass("batch", 2));
        }

        @Override
        public Optional<String> defaultClass() {
          return Optional.of("batch");
        }

        @Override
        public Optional<ObjectMeta> namespace(String name) {
          return Optional.of(
              new ObjectMetaBuilder()
                  .withName(name)
                  .withAnnotations(namespaceClass.map(of -> Map.of(CLASS, of)).orElse(Map.of()))
                  .build());
        }

        @Override
        public Set<String> priorityClasses() {
          return Set.of("fareway-interactive");
        }

        @Override
        public Optional<String> defaultPriorityClass() {
          return Optional.empty();
        }
      };

  private Repair repair(String pod, Optional<String> obstacle) throws Exception {
    JsonNode tree = new YAMLMapper().readTree(pod);
    return Repair.of(tree, "shop", obstacle, cluster);
  }

  @Test
  void podThatPassedByTheWebhook_getsItsLabel_andItsOwnerIsTold() throws Exception {
    Repair repair =
        repair(
            "{metadata: {annotations: {fareway.dev/price-class: interactive}}, spec: {schedulerName: default-scheduler, nodeName: n, priority: 0}}",
            Optional.empty());

    assertEquals(Optional.of("interactive"), repair.label());
    Repair.Told told = repair.event().orElseThrow();
    assertEquals("NotAdmitted", told.reason());
    assertTrue(told.message().contains("default-scheduler places it"), told::message);
    assertTrue(told.message().contains("kubectl rollout restart"), told::message);
  }

  @Test
  void podThatNamesOurScheduler_getsItsLabelAlone() throws Exception {
    Repair repair =
        repair(
            "{metadata: {annotations: {fareway.dev/price-class: batch}}, spec: {schedulerName: fareway}}",
            Optional.empty());

    assertEquals(new Repair(Optional.of("batch"), Optional.empty()), repair);
  }

  @Test
  void podThatWeCouldNotPlaceAnyhow_isNotToBeMadeAnew() throws Exception {
    Repair repair =
        repair(
            "{metadata: {annotations: {fareway.dev/price-class: batch}}, spec: {schedulerName: default-scheduler}}",
            Optional.of("a reason"));

    assertEquals(new Repair(Optional.of("batch"), Optional.empty()), repair);
  }

  @Test
  void unknownClass_isTold_withTheKnownOnes_andNothingIsChanged() throws Exception {
    Repair repair =
        repair(
            "{metadata: {annotations: {fareway.dev/price-class: gold}}, spec: {}}",
            Optional.empty());

    assertEquals(Optional.empty(), repair.label());
    assertEquals("UnknownPriceClass", repair.event().orElseThrow().reason());
    assertTrue(repair.event().get().message().contains("interactive, batch"));
  }

  @Test
  void podOfANamespaceThatNamesAClass_getsThatOne() throws Exception {
    namespaceClass = Optional.of("interactive");

    assertEquals(
        Optional.of("interactive"),
        repair("{metadata: {}, spec: {schedulerName: default-scheduler}}", Optional.empty())
            .label());
  }

  @Test
  void admittedPod_andOthers_needNothing() throws Exception {
    assertEquals(
        Repair.NONE,
        repair(
            "{metadata: {annotations: {fareway.dev/price-class: batch}, labels: {fareway.dev/price-class: batch}}, spec: {schedulerName: default-scheduler}}",
            Optional.empty()));
    assertEquals(
        Repair.NONE, repair("{metadata: {labels: {app: web}}, spec: {}}", Optional.empty()));
  }

  @Test
  void filter_letsThroughWhatMayNeedIt_andSparesTheRest() {
    assertTrue(may(Map.of(), Map.of(CLASS, "batch"), false));
    assertTrue(may(Map.of(CLASS, "batch"), Map.of(CLASS, "interactive"), false));
    assertTrue(may(Map.of("serving.knative.dev/revision", "r"), Map.of(), false));
    assertTrue(may(Map.of(), Map.of(), true));
    assertFalse(may(Map.of(CLASS, "batch"), Map.of(CLASS, "batch"), false));
    assertFalse(may(Map.of(CLASS, "batch"), Map.of(), true));
    assertFalse(may(Map.of("app", "web"), Map.of(), false));
    assertFalse(Repair.mayBeNeeded(new ObjectMeta(), false));
  }

  private static boolean may(
      Map<String, String> labels, Map<String, String> annotations, boolean namespace) {
    return Repair.mayBeNeeded(
        new ObjectMetaBuilder().withLabels(labels).withAnnotations(annotations).build(), namespace);
  }
}
