package dev.fareway.operator.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.operator.admission.Verdict.Change;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Reads {@code AdmissionReview} requests ({@code admission.k8s.io/v1}) and writes their answers.
 *
 * <p>The object stays the JSON that was sent: what an API server newer than our types knows is not
 * lost on the way. Nothing is changed outside of the answer, so a dry run is like any other.
 */
final class AdmissionReviews {
  private static final Logger LOG = Logger.getLogger(AdmissionReviews.class);
  private static final String API_VERSION = "admission.k8s.io/v1";
  private static final int WARNING_LIMIT = 240;
  private static final int FORBIDDEN = 403;

  private final ObjectMapper json;
  private final PricedCluster cluster;
  private final Set<String> exempt;
  private final Function<Pod, Optional<String>> obstacle;

  /**
   * Judges by this.
   *
   * @param exempt namespaces whose objects always pass as they are
   * @param obstacle why our scheduler can't judge where a pod may run, if so
   */
  AdmissionReviews(
      ObjectMapper json,
      PricedCluster cluster,
      Set<String> exempt,
      Function<Pod, Optional<String>> obstacle) {
    this.json = json;
    this.cluster = cluster;
    this.exempt = Set.copyOf(exempt);
    this.obstacle = obstacle;
  }

  /**
   * The answer to a request.
   *
   * @throws MalformedReviewException if it is no AdmissionReview
   */
  byte[] answer(byte[] review) throws MalformedReviewException {
    JsonNode request = request(review);
    ObjectNode answer = json.createObjectNode();
    answer.put("apiVersion", API_VERSION).put("kind", "AdmissionReview");
    ObjectNode response = answer.putObject("response");
    response.put("uid", request.path("uid").asText());
    switch (judge(request)) {
      case Verdict.Admitted admitted -> {
        response.put("allowed", true);
        admitted.warnings().forEach(text -> response.withArray("warnings").add(shortened(text)));
        if (!admitted.changes().isEmpty()) {
          response.put("patchType", "JSONPatch");
          response.put("patch", Base64.getEncoder().encodeToString(patch(admitted)));
        }
      }
      case Verdict.Refused refused -> {
        response.put("allowed", false);
        response.putObject("status").put("code", FORBIDDEN).put("message", refused.message());
      }
    }
    return bytes(answer);
  }

  private JsonNode request(byte[] review) throws MalformedReviewException {
    JsonNode tree;
    try {
      tree = json.readTree(new String(review, UTF_8));
    } catch (JsonProcessingException e) {
      throw new MalformedReviewException("the body is no JSON: " + e.getOriginalMessage());
    }
    if (!API_VERSION.equals(tree.path("apiVersion").asText())
        || !"AdmissionReview".equals(tree.path("kind").asText())) {
      throw new MalformedReviewException(
          "the body is no AdmissionReview of " + API_VERSION + "; is this sent by an API server?");
    }
    if (!tree.path("request").path("uid").isTextual()) {
      throw new MalformedReviewException("the AdmissionReview has no request.uid");
    }
    return tree.path("request");
  }

  private Verdict judge(JsonNode request) {
    String namespace = request.path("namespace").asText("");
    JsonNode object = request.path("object");
    if (exempt.contains(namespace)
        || !object.isObject()
        || !request.path("subResource").asText("").isEmpty()) {
      return Verdict.untouched();
    }
    String kind =
        request.path("kind").path("group").asText("")
            + "/"
            + request.path("kind").path("kind").asText();
    String operation = request.path("operation").asText();
    return switch (kind) {
      case "/Pod" ->
          operation.equals("CREATE")
              ? PodAdmission.judge(object, namespace, obstacleOf(object), cluster)
              : Verdict.untouched();
      case "serving.knative.dev/Service" ->
          operation.equals("DELETE")
              ? Verdict.untouched()
              : KnativeServiceAdmission.judge(object, cluster);
      default -> Verdict.untouched();
    };
  }

  private Optional<String> obstacleOf(JsonNode object) {
    try {
      return obstacle.apply(json.convertValue(object, Pod.class));
    } catch (IllegalArgumentException e) {
      LOG.warnf("A pod can't be read, and keeps its scheduler: %s", e.getMessage());
      return Optional.of(
          "Fareway's operator can't read this pod, so it keeps its scheduler; it is priced all the same. Is the operator"
              + " older than the cluster?");
    }
  }

  private byte[] patch(Verdict.Admitted admitted) {
    ArrayNode steps = json.createArrayNode();
    for (Change change : admitted.changes()) {
      ObjectNode step = steps.addObject();
      switch (change) {
        case Change.SetText set -> step.put("op", "add").put("value", set.value());
        case Change.MakeObject _ -> step.put("op", "add").putObject("value");
        case Change.Remove _ -> step.put("op", "remove");
      }
      step.put("path", change.path());
    }
    return bytes(steps);
  }

  private byte[] bytes(JsonNode tree) {
    try {
      return json.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of texts can't be written", e);
    }
  }

  /** API servers cut longer ones short, and may drop all of them. */
  private static String shortened(String warning) {
    return warning.length() <= WARNING_LIMIT
        ? warning
        : warning.substring(0, WARNING_LIMIT - 1) + "…";
  }
}
