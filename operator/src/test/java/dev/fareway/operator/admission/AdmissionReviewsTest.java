package dev.fareway.operator.admission;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.fareway.scheduler.core.PricedClass;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.zjsonpatch.JsonPatch;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class AdmissionReviewsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String KNATIVE = "serving.knative.dev/Service";

  private final Cluster cluster = new Cluster();
  private Optional<String> obstacle = Optional.empty();

  private final AdmissionReviews reviews =
      new AdmissionReviews(JSON, cluster, Set.of("kube-system"), this::obstacle);

  private Optional<String> obstacle(Pod pod) {
    return obstacle;
  }

  @Test
  void functionPod_getsLabelSchedulerAndPriority() throws Exception {
    // Given what the API server has filled in before it asks
    JsonNode pod =
        yaml(
            """
            {metadata: {annotations: {fareway.dev/price-class: interactive}},
             spec: {schedulerName: default-scheduler, priority: 0,
                    preemptionPolicy: PreemptLowerPriority, containers: []}}""");

    JsonNode after = admitted(pod);

    assertEquals("interactive", classOf(after));
    assertEquals("fareway", after.at("/spec/schedulerName").asText());
    assertEquals("fareway-interactive", after.at("/spec/priorityClassName").asText());
    assertFalse(after.path("spec").has("priority"));
    assertFalse(after.path("spec").has("preemptionPolicy"));
  }

  @Test
  void functionPod_isNotChangedAgain_whenItIsShownAgain() throws Exception {
    JsonNode once =
        admitted(
            yaml("{metadata: {annotations: {fareway.dev/price-class: interactive}}, spec: {}}"));

    assertFalse(response("Pod", "shop", once).has("patch"));
  }

  @Test
  void annotationOfBudgets_isTakenOffAPodThatIsCreatedWithIt() throws Exception {
    JsonNode after =
        admitted(
            yaml(
                "{metadata: {annotations: {fareway.dev/price-class: interactive, fareway.dev/budget: Throttle=1m}}, spec: {}}"));

    assertFalse(after.path("metadata").path("annotations").has("fareway.dev/budget"));
    assertEquals("interactive", classOf(after));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // No function
        "{metadata: {labels: {app: web}}, spec: {}}",
        // The mirror of a static pod
        "{metadata: {annotations: {kubernetes.io/config.mirror: x, fareway.dev/price-class: batch}}, spec: {}}",
      })
  void otherPods_passAsTheyAre(String pod) throws Exception {
    JsonNode response = response("Pod", "shop", yaml(pod));

    assertTrue(response.path("allowed").asBoolean());
    assertFalse(response.has("patch"));
    assertFalse(response.has("warnings"));
  }

  @Test
  void exemptNamespace_passesAsItIs() throws Exception {
    JsonNode pod = labelled("nothing");

    JsonNode response = response("Pod", "kube-system", pod);

    assertFalse(response.has("patch"));
    assertTrue(response.path("allowed").asBoolean());
  }

  @Test
  void namespacesClass_holdsForItsPods_butNotForItsDaemonSets() throws Exception {
    cluster.namespaces.put(
        "images",
        new ObjectMetaBuilder().addToAnnotations("fareway.dev/price-class", "batch").build());
    JsonNode pod = yaml("{metadata: {}, spec: {}}");
    JsonNode agent =
        yaml("{metadata: {ownerReferences: [{kind: DaemonSet, name: logs}]}, spec: {}}");

    assertEquals("batch", classOf(admitted("images", pod)));
    assertFalse(response("Pod", "images", agent).has("patch"));
  }

  @Test
  void knativePodWithoutClass_getsTheDefaultClass_elseTheCheapest() throws Exception {
    JsonNode pod = yaml("{metadata: {labels: {serving.knative.dev/revision: r1}}, spec: {}}");

    assertEquals("batch", classOf(admitted(pod)));
    cluster.defaultClass = Optional.of("interactive");
    assertEquals("interactive", classOf(admitted(pod)));
  }

  @Test
  void unknownClass_isRefused_withTheKnownOnes() throws Exception {
    JsonNode response = response("Pod", "shop", labelled("platinum"));

    assertFalse(response.path("allowed").asBoolean());
    assertEquals(
        "There is no PriceClass 'platinum'. Known classes, dearest first: interactive, batch. Set the annotation"
            + " fareway.dev/price-class to one of them.",
        response.at("/status/message").asText());
  }

  @Test
  void podOfACluster_withoutClasses_runsAsItAlwaysDid_withAWarning() throws Exception {
    cluster.classes.clear();
    JsonNode pod = yaml("{metadata: {labels: {serving.knative.dev/revision: r1}}, spec: {}}");

    JsonNode response = response("Pod", "shop", pod);

    assertTrue(response.path("allowed").asBoolean());
    assertFalse(response.has("patch"));
    assertEquals(1, response.path("warnings").size());
  }

  @Test
  void schedulerOfTheUsersChoice_stays_withAWarning() throws Exception {
    JsonNode pod =
        yaml("{metadata: {labels: {fareway.dev/price-class: batch}}, spec: {schedulerName: mine}}");

    JsonNode response = response("Pod", "shop", pod);

    assertEquals("mine", applied(response, pod).at("/spec/schedulerName").asText());
    assertTrue(response.at("/warnings/0").asText().contains("'mine'"), response::toString);
  }

  @Test
  void podBeyondOurJudgement_keepsItsScheduler_andIsPriced_withAWarning() throws Exception {
    obstacle = Optional.of("Fareway does not judge required topology spread.");
    JsonNode pod =
        yaml(
            """
            {metadata: {labels: {fareway.dev/price-class: batch}},
             spec: {schedulerName: default-scheduler}}""");

    JsonNode response = response("Pod", "shop", pod);

    JsonNode after = applied(response, pod);
    assertEquals("default-scheduler", after.at("/spec/schedulerName").asText());
    assertEquals("fareway-batch", after.at("/spec/priorityClassName").asText());
    assertEquals(obstacle.get(), response.at("/warnings/0").asText());
  }

  @Test
  void priorityClassOfTheUsersChoice_stays_butNotTheClustersDefault() throws Exception {
    cluster.defaultPriorityClass = Optional.of("ordinary");
    JsonNode chosen =
        yaml(
            """
            {metadata: {labels: {fareway.dev/price-class: batch}},
             spec: {priorityClassName: mine, priority: 7}}""");
    JsonNode defaulted =
        yaml(
            """
            {metadata: {labels: {fareway.dev/price-class: batch}},
             spec: {priorityClassName: ordinary, priority: 5}}""");

    assertEquals("mine", admitted(chosen).at("/spec/priorityClassName").asText());
    assertEquals(7, admitted(chosen).at("/spec/priority").asInt());
    assertEquals("fareway-batch", admitted(defaulted).at("/spec/priorityClassName").asText());
    assertFalse(admitted(defaulted).path("spec").has("priority"));
  }

  @Test
  void priorityClassThatIsNotThereYet_isNotNamed() throws Exception {
    cluster.priorityClasses = Set.of();

    assertFalse(admitted(labelled("batch")).path("spec").has("priorityClassName"));
  }

  @Test
  void knativeService_handsItsClassToItsTemplate() throws Exception {
    JsonNode service =
        yaml(
            """
            {metadata: {annotations: {fareway.dev/price-class: interactive}},
             spec: {template: {spec: {containers: []}}}}""");

    JsonNode after = applied(response(KNATIVE, "shop", service), service);

    assertEquals(
        "interactive",
        after.at("/spec/template/metadata/annotations/fareway.dev~1price-class").asText());
  }

  @Test
  void knativeService_whoseTemplateNamesAnother_keepsIt_withAWarning() throws Exception {
    JsonNode service =
        yaml(
            """
            {metadata: {annotations: {fareway.dev/price-class: interactive}},
             spec: {template: {metadata: {annotations: {fareway.dev/price-class: batch}}}}}""");

    JsonNode response = response(KNATIVE, "shop", service);

    assertFalse(response.has("patch"));
    assertTrue(response.at("/warnings/0").asText().contains("'batch'"), response::toString);
  }

  @Test
  void knativeService_ofAnUnknownClass_isRefused() throws Exception {
    JsonNode service = yaml("{metadata: {annotations: {fareway.dev/price-class: gold}}, spec: {}}");

    assertFalse(response(KNATIVE, "shop", service).path("allowed").asBoolean());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{\"apiVersion\": \"admission.k8s.io/v1beta1\"}", "null"})
  void bodyThatIsNoReview_isNamed(String body) {
    var e =
        assertThrows(MalformedReviewException.class, () -> reviews.answer(body.getBytes(UTF_8)));
    assertTrue(e.getMessage().startsWith("the body is no"), e::getMessage);
  }

  @Test
  void podThatCantBeRead_isAdmitted_asItsFormIsTheApiServersToJudge() throws Exception {
    JsonNode pod = yaml("{metadata: {labels: {fareway.dev/price-class: batch}}, spec: 7}");

    assertTrue(response("Pod", "shop", pod).path("allowed").asBoolean());
  }

  private static JsonNode labelled(String priceClass) throws Exception {
    return yaml(
        "{metadata: {labels: {fareway.dev/price-class: %s}}, spec: {}}".formatted(priceClass));
  }

  private static String classOf(JsonNode pod) {
    return pod.at("/metadata/labels/fareway.dev~1price-class").asText();
  }

  private JsonNode admitted(JsonNode pod) throws Exception {
    return admitted("shop", pod);
  }

  private JsonNode admitted(String namespace, JsonNode pod) throws Exception {
    return applied(response("Pod", namespace, pod), pod);
  }

  private static JsonNode applied(JsonNode response, JsonNode object) throws Exception {
    assertTrue(response.path("allowed").asBoolean(), response::toString);
    if (!response.has("patch")) {
      return object;
    }
    assertEquals("JSONPatch", response.path("patchType").asText());
    var patch =
        (ArrayNode) JSON.readTree(Base64.getDecoder().decode(response.path("patch").asText()));
    return JsonPatch.apply(patch, object);
  }

  private JsonNode response(String kind, String namespace, JsonNode object) throws Exception {
    int slash = kind.indexOf('/');
    ObjectNode review = JSON.createObjectNode();
    review.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
    ObjectNode request = review.putObject("request");
    request.put("uid", "1234").put("operation", "CREATE").put("namespace", namespace);
    request
        .putObject("kind")
        .put("group", slash < 0 ? "" : kind.substring(0, slash))
        .put("version", "v1")
        .put("kind", kind.substring(slash + 1));
    request.set("object", object);
    JsonNode answer = JSON.readTree(reviews.answer(JSON.writeValueAsBytes(review)));
    assertEquals("AdmissionReview", answer.path("kind").asText());
    assertEquals("1234", answer.at("/response/uid").asText());
    return answer.path("response");
  }

  private static JsonNode yaml(String text) throws Exception {
    return new YAMLMapper().readTree(text);
  }

  private static final class Cluster implements PricedCluster {
    final List<PricedClass> classes =
        new ArrayList<>(
            List.of(new PricedClass("interactive", 2000), new PricedClass("batch", 500)));
    final Map<String, ObjectMeta> namespaces = new HashMap<>();
    Optional<String> defaultClass = Optional.empty();
    Set<String> priorityClasses = Set.of("fareway-interactive", "fareway-batch");
    Optional<String> defaultPriorityClass = Optional.empty();

    @Override
    public Collection<PricedClass> classes() {
      return classes;
    }

    @Override
    public Optional<String> defaultClass() {
      return defaultClass;
    }

    @Override
    public Optional<ObjectMeta> namespace(String name) {
      return Optional.ofNullable(namespaces.get(name));
    }

    @Override
    public Set<String> priorityClasses() {
      return priorityClasses;
    }

    @Override
    public Optional<String> defaultPriorityClass() {
      return defaultPriorityClass;
    }
  }
}
