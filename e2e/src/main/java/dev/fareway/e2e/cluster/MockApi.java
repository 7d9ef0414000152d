package dev.fareway.e2e.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.crud.Attribute;
import io.fabric8.mockwebserver.crud.AttributeSet;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * fabric8's CRUD dispatcher with what Fareway needs and it lacks.
 *
 * <ul>
 *   <li>The {@code binding} and {@code eviction} subresources of pods.
 *   <li>Pods that are deleted gracefully: a bound pod gets a deletion timestamp and stays until it
 *       is deleted with a grace period of 0.
 *   <li>The field selectors {@code spec.nodeName}, {@code spec.schedulerName} and {@code
 *       status.phase} of pods, also with an empty value.
 *   <li>Status subresources of pods and nodes; strategic merge patches; server-side apply as a
 *       merge, without ownership of fields.
 *   <li>A watch is told of what was deleted after the resource version it starts from.
 * </ul>
 *
 * <p>All requests are served one at a time, under this object's monitor, so that each is atomic.
 */
final class MockApi extends KubernetesCrudDispatcher {

  static final String VERSION = "Kubernetes 1.34";

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String VERSION_BODY =
      "{\"major\":\"1\",\"minor\":\"34\",\"gitVersion\":\"v1.34.0\",\"platform\":\"linux/amd64\"}";
  private static final Pattern POD =
      Pattern.compile(
          "/api/v1/namespaces/(?<namespace>[^/]+)/pods/(?<name>[^/]+)(/(?<subresource>[a-z]+))?");
  private static final Pattern CORE_WITH_STATUS =
      Pattern.compile("/api/v1/(namespaces/[^/]+/pods|nodes)(/[^/]+)?(/status)?");
  private static final Pattern STATUS =
      Pattern.compile("/(api/v1|apis/[^/]+/[^/]+)(/namespaces/[^/]+/[^/]+|/[^/]+)/[^/]+/status");
  private static final Pattern EMPTY_FIELD =
      Pattern.compile("(?<field>[a-zA-Z.]+)(?<operator>!=|==?)(?=,|$)");
  private static final long DEFAULT_GRACE_SECONDS = 30;
  private static final int REMEMBERED_DELETIONS = 10_000;
  private static final int NAME_SUFFIX_LENGTH = 5;

  private final boolean keepsUids;
  private final Deque<Deletion> deletions = new ArrayDeque<>();

  private record Deletion(long version, AttributeSet attributes, String object) {}

  /** A refusal, answered with a Status object. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private final int code;
    private final String reason;

    Refusal(int code, String reason, String message) {
      super(message, null, false, false);
      this.code = code;
      this.reason = reason;
    }
  }

  /**
   * An empty one.
   *
   * @param keepsUids whether an object that is created with a UID keeps it, as a copy of another
   *     server's; an API server makes one of its own
   */
  MockApi(boolean keepsUids) {
    this.keepsUids = keepsUids;
  }

  @Override
  public synchronized MockResponse dispatch(RecordedRequest request) {
    try {
      return serve(request);
    } catch (Refusal refusal) {
      return status(refusal.code, refusal.reason, refusal.getMessage());
    } catch (RuntimeException e) {
      return status(500, "InternalError", e.toString());
    }
  }

  private MockResponse serve(RecordedRequest request) throws Refusal {
    URI uri = URI.create(request.getPath());
    String path = uri.getPath();
    return switch (request.method()) {
      case GET -> read(request.getPath(), path);
      case POST -> create(request, path);
      case PUT -> replace(path, body(request));
      case PATCH -> patch(request, path);
      case DELETE -> delete(request, uri);
      default -> status(405, "MethodNotAllowed", request.method() + " is not served");
    };
  }

  // --- reading

  private MockResponse read(String full, String path) throws Refusal {
    if (path.equals("/version")) {
      return json(200, VERSION_BODY);
    }
    MockResponse response = super.handleGet(withSupportedSelector(full));
    if (response.code() == 404) {
      throw notFound(path);
    }
    return response;
  }

  /** An empty value can't be matched by the base class; that the field is there or not can. */
  private static String withSupportedSelector(String full) {
    int at = full.indexOf("fieldSelector=");
    if (at < 0) {
      return full;
    }
    int start = at + "fieldSelector=".length();
    int end = full.indexOf('&', start);
    String selector =
        URLDecoder.decode(
            full.substring(start, end < 0 ? full.length() : end), StandardCharsets.UTF_8);
    Matcher matcher = EMPTY_FIELD.matcher(selector);
    String supported =
        matcher.replaceAll(
            match ->
                Matcher.quoteReplacement(
                    (match.group(2).equals("!=") ? "" : "!") + match.group(1)));
    return full.substring(0, start)
        + supported.replace("=", "%3D").replace(",", "%2C").replace("!", "%21")
        + (end < 0 ? "" : full.substring(end));
  }

  @Override
  public MockResponse handleWatch(String path) {
    MockResponse response = super.handleWatch(path);
    return new MockResponse()
        .withWebSocketUpgrade(
            new DeletionsFirst(
                response.getWebSocketListener(), attributeExtractor.fromPath(path), since(path)));
  }

  private static OptionalLong since(String path) {
    String version = query(path).get("resourceVersion");
    return version == null || version.isEmpty() || version.equals("0")
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(version));
  }

  /** What the base class forgets: what was deleted between a client's list and its watch. */
  private final class DeletionsFirst extends WebSocketListener {
    private final WebSocketListener delegate;
    private final AttributeSet selector;
    private final OptionalLong since;

    DeletionsFirst(WebSocketListener delegate, AttributeSet selector, OptionalLong since) {
      this.delegate = delegate;
      this.selector = selector;
      this.since = since;
    }

    @Override
    public void onOpen(WebSocket webSocket, Response response) {
      synchronized (MockApi.this) {
        since.ifPresent(
            version ->
                deletions.stream()
                    .filter(deletion -> deletion.version > version)
                    .filter(deletion -> deletion.attributes.matches(selector))
                    .forEach(
                        deletion ->
                            webSocket.send(
                                "{\"type\":\"DELETED\",\"object\":" + deletion.object + "}")));
        delegate.onOpen(webSocket, response);
      }
    }

    @Override
    public void onClosing(WebSocket webSocket, int code, String reason) {
      delegate.onClosing(webSocket, code, reason);
    }

    @Override
    public void onClosed(WebSocket webSocket, int code, String reason) {
      delegate.onClosed(webSocket, code, reason);
    }

    @Override
    public void onFailure(WebSocket webSocket, Throwable error, Response response) {
      delegate.onFailure(webSocket, error, response);
    }
  }

  // --- writing

  private MockResponse create(RecordedRequest request, String path) throws Refusal {
    ObjectNode object = body(request);
    Matcher pod = POD.matcher(path);
    if (pod.matches() && pod.group("subresource") != null) {
      return switch (pod.group("subresource")) {
        case "binding" -> bind(pod, object);
        case "eviction" -> evict(path.substring(0, path.lastIndexOf('/')), object);
        default -> throw notFound(path);
      };
    }
    ObjectNode metadata = object.withObject("/metadata");
    if (metadata.path("name").asText().isEmpty()
        && !metadata.path("generateName").asText().isEmpty()) {
      metadata.put(
          "name",
          metadata.path("generateName").asText()
              + UUID.randomUUID().toString().substring(0, NAME_SUFFIX_LENGTH));
    }
    if (path.endsWith("/pods")) {
      object.set("status", PodRules.initialStatus());
    }
    MockResponse response =
        super.handleCreate(
            new RecordedRequest(
                request.getHttpVersion(),
                HttpMethod.POST,
                path,
                request.getHeaders(),
                new Buffer(object.toString().getBytes(StandardCharsets.UTF_8))));
    if (response.code() == 409) {
      throw new Refusal(
          409,
          "AlreadyExists",
          "%s \"%s\" already exists"
              .formatted(object.path("kind").asText(), metadata.path("name").asText()));
    }
    String uid = metadata.path("uid").asText();
    if (keepsUids && !uid.isEmpty()) {
      String own = path + "/" + metadata.path("name").asText();
      ObjectNode copy = current(own);
      copy.withObject("/metadata").put("uid", uid);
      processEvent(own, getKey(own), findResource(getKey(own)).getKey(), null, copy.toString());
      return json(201, copy.toString());
    }
    return response;
  }

  private MockResponse bind(Matcher path, ObjectNode binding) throws Refusal {
    String podPath =
        "/api/v1/namespaces/%s/pods/%s".formatted(path.group("namespace"), path.group("name"));
    ObjectNode current = current(podPath);
    String uid = binding.path("metadata").path("uid").asText();
    if (!uid.isEmpty() && !uid.equals(current.path("metadata").path("uid").asText())) {
      throw conflict(current, "the UID in the precondition (" + uid + ") does not match");
    }
    Optional<String> obstacle = PodRules.obstacleToBinding(current);
    if (obstacle.isPresent()) {
      throw conflict(current, obstacle.get());
    }
    String node = binding.path("target").path("name").asText();
    if (node.isEmpty()) {
      throw new Refusal(422, "Invalid", "target.name: Required value");
    }
    store(podPath, current, PodRules.bound(current, node, now()));
    return status(201, "", "");
  }

  private MockResponse evict(String podPath, ObjectNode eviction) throws Refusal {
    JsonNode grace = eviction.path("deleteOptions").path("gracePeriodSeconds");
    deletePod(
        podPath,
        current(podPath),
        grace.isNumber() ? OptionalLong.of(grace.asLong()) : OptionalLong.empty());
    return status(201, "", "");
  }

  private MockResponse replace(String path, ObjectNode wanted) throws Refusal {
    String objectPath = withoutStatus(path);
    ObjectNode current = current(objectPath);
    checkVersion(current, wanted);
    ObjectNode updated = path.equals(objectPath) ? wanted : current.deepCopy();
    if (!path.equals(objectPath)) {
      copyStatus(wanted, updated);
    } else if (hasStatusSubresource(path)) {
      copyStatus(current, updated);
    }
    return json(200, store(path, current, updated).toString());
  }

  private MockResponse patch(RecordedRequest request, String path) throws Refusal {
    String objectPath = withoutStatus(path);
    String type = Objects.toString(request.getHeader("Content-Type"), "");
    type = type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    boolean apply = type.equals("application/apply-patch+yaml");
    JsonNode patch = parse(request);
    Optional<ObjectNode> found = find(objectPath);
    if (found.isEmpty() && apply && path.equals(objectPath)) {
      return createApplied(request, objectPath, patch);
    }
    ObjectNode current = found.orElseThrow(() -> notFound(objectPath));
    boolean custom = objectPath.startsWith("/apis/" + Fareway.GROUP + "/");
    JsonNode changed =
        switch (type) {
          case "application/json-patch+json" -> applyJsonPatch(current, patch);
          case "application/merge-patch+json" -> Patches.merge(current, patch);
          case "application/apply-patch+yaml" -> Patches.strategic(current, patch);
          case "application/strategic-merge-patch+json" -> {
            if (custom) {
              throw unsupported(type, path);
            }
            yield Patches.strategic(current, patch);
          }
          default -> throw unsupported(type, path);
        };
    return replace(path, (ObjectNode) changed);
  }

  private static JsonNode applyJsonPatch(ObjectNode current, JsonNode patch) throws Refusal {
    try {
      return Patches.json(current, patch);
    } catch (RuntimeException e) {
      throw new Refusal(422, "Invalid", "the patch does not apply: " + e.getMessage());
    }
  }

  private MockResponse createApplied(RecordedRequest request, String objectPath, JsonNode object)
      throws Refusal {
    String collection = objectPath.substring(0, objectPath.lastIndexOf('/'));
    return create(
        new RecordedRequest(
            request.getHttpVersion(),
            HttpMethod.POST,
            collection,
            request.getHeaders(),
            new Buffer(object.toString().getBytes(StandardCharsets.UTF_8))),
        collection);
  }

  private MockResponse delete(RecordedRequest request, URI uri) throws Refusal {
    String path = uri.getPath();
    if (!path.startsWith("/api/v1/") || !path.contains("/pods")) {
      MockResponse response = super.handleDelete(request.getPath());
      if (response.code() == 404) {
        throw notFound(path);
      }
      return response;
    }
    OptionalLong grace = grace(request);
    if (POD.matcher(path).matches()) {
      ObjectNode current = current(path);
      checkPreconditions(request, current);
      return json(200, deletePod(path, current, grace).toString());
    }
    AttributeSet query = attributeExtractor.fromPath(withSupportedSelector(request.getPath()));
    List<String> objects =
        map.entrySet().stream()
            .filter(entry -> entry.getKey().matches(query))
            .map(Map.Entry::getValue)
            .toList();
    for (String object : objects) {
      ObjectNode current = parseObject(object);
      deletePod(pathOf(current), current, grace);
    }
    return status(200, "", "");
  }

  private ObjectNode deletePod(String path, ObjectNode current, OptionalLong grace) {
    boolean graceful = PodRules.isDeletedGracefully(current);
    long seconds =
        grace.orElse(
            current
                .path("spec")
                .path("terminationGracePeriodSeconds")
                .asLong(DEFAULT_GRACE_SECONDS));
    if (current.path("metadata").path("finalizers").isEmpty() && (!graceful || seconds == 0)) {
      remove(path);
      return current;
    }
    return store(path, current, PodRules.deleting(current, graceful ? seconds : 0, now()));
  }

  private static OptionalLong grace(RecordedRequest request) throws Refusal {
    String parameter = query(request.getPath()).get("gracePeriodSeconds");
    if (parameter != null) {
      return OptionalLong.of(Long.parseLong(parameter));
    }
    JsonNode field = parse(request).path("gracePeriodSeconds");
    return field.isNumber() ? OptionalLong.of(field.asLong()) : OptionalLong.empty();
  }

  private static void checkPreconditions(RecordedRequest request, ObjectNode current)
      throws Refusal {
    JsonNode uid = parse(request).path("preconditions").path("uid");
    if (uid.isTextual() && !uid.equals(current.path("metadata").path("uid"))) {
      throw conflict(current, "the UID in the precondition (" + uid.asText() + ") does not match");
    }
  }

  // --- the store

  /** Keeps what the server owns, counts versions, tells watchers; removes what is to go. */
  private ObjectNode store(String path, ObjectNode current, ObjectNode updated) {
    ObjectNode metadata = updated.withObject("/metadata");
    JsonNode old = current.path("metadata");
    for (String field :
        List.of("name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion")) {
      if (old.has(field) && !old.get(field).isNull()) {
        metadata.set(field, old.get(field));
      } else {
        metadata.remove(field);
      }
    }
    boolean wasDeleting = old.hasNonNull("deletionTimestamp");
    if (wasDeleting && !metadata.hasNonNull("deletionTimestamp")) {
      metadata.set("deletionTimestamp", old.get("deletionTimestamp"));
    }
    boolean lastFinalizerGone =
        wasDeleting
            && !old.path("finalizers").isEmpty()
            && metadata.path("finalizers").isEmpty()
            && metadata.path("deletionGracePeriodSeconds").asLong(0) == 0;
    if (lastFinalizerGone) {
      remove(path);
      return updated;
    }
    if (updated.equals(current)) {
      return current;
    }
    if (!updated.path("spec").equals(current.path("spec"))) {
      metadata.put("generation", old.path("generation").asLong(0) + 1);
    }
    metadata.put("resourceVersion", String.valueOf(requestResourceVersion()));
    Map.Entry<AttributeSet, String> entry = findResource(getKey(withoutStatus(path)));
    processEvent(path, getKey(withoutStatus(path)), entry.getKey(), null, updated.toString());
    return updated;
  }

  private void remove(String path) {
    AttributeSet key = getKey(withoutStatus(path));
    Map.Entry<AttributeSet, String> entry = findResource(key);
    if (entry != null) {
      processEvent(path, key, entry.getKey(), null, null);
    }
  }

  /** Adds the fields by which pods can be selected to what objects are found by. */
  @Override
  public void processEvent(
      String path,
      AttributeSet pathAttributes,
      @Nullable AttributeSet oldAttributes,
      @Nullable GenericKubernetesResource resource,
      @Nullable String newState) {
    if (newState == null && oldAttributes != null) {
      remember(oldAttributes);
    }
    super.processEvent(
        path, withPodFields(pathAttributes, newState), oldAttributes, resource, newState);
  }

  /** A deletion has a version of its own, so that watchers see it after all before. */
  private void remember(AttributeSet attributes) {
    String last = map.get(attributes);
    if (last == null) {
      return;
    }
    long version = requestResourceVersion();
    ObjectNode object = (ObjectNode) Serialization.unmarshal(last, JsonNode.class);
    object.withObject("/metadata").put("resourceVersion", String.valueOf(version));
    map.put(attributes, object.toString());
    deletions.addLast(new Deletion(version, attributes, object.toString()));
    if (deletions.size() > REMEMBERED_DELETIONS) {
      deletions.removeFirst();
    }
  }

  private static AttributeSet withPodFields(AttributeSet attributes, @Nullable String newState) {
    if (newState == null || !attributes.toString().contains("pods")) {
      return attributes;
    }
    JsonNode object = Serialization.unmarshal(newState, JsonNode.class);
    if (!object.path("kind").asText().equals("Pod")) {
      return attributes;
    }
    List<Attribute> fields = new ArrayList<>();
    for (String field : List.of("spec.nodeName", "spec.schedulerName", "status.phase")) {
      String[] steps = field.split("\\.", 2);
      String value = object.path(steps[0]).path(steps[1]).asText();
      if (!value.isEmpty()) {
        fields.add(new Attribute(field, value));
      }
    }
    return attributes.add(fields.toArray(new Attribute[0]));
  }

  /** The base class knows it of custom resources only. */
  private boolean hasStatusSubresource(String path) {
    return CORE_WITH_STATUS.matcher(path).matches() || isStatusSubresourceEnabledForResource(path);
  }

  private Optional<ObjectNode> find(String path) throws Refusal {
    Map.Entry<AttributeSet, String> entry = findResource(getKey(path));
    return entry == null ? Optional.empty() : Optional.of(parseObject(entry.getValue()));
  }

  private ObjectNode current(String path) throws Refusal {
    return find(path).orElseThrow(() -> notFound(path));
  }

  private static void checkVersion(ObjectNode current, ObjectNode wanted) throws Refusal {
    String expected = wanted.path("metadata").path("resourceVersion").asText();
    if (!expected.isEmpty()
        && !expected.equals(current.path("metadata").path("resourceVersion").asText())) {
      throw conflict(
          current,
          "the object has been modified; please apply your changes to the latest version and try"
              + " again");
    }
  }

  private static void copyStatus(JsonNode from, ObjectNode to) {
    if (from.hasNonNull("status")) {
      to.set("status", from.get("status"));
    } else {
      to.remove("status");
    }
  }

  // --- paths, bodies, answers

  private static String withoutStatus(String path) {
    return STATUS.matcher(path).matches()
        ? path.substring(0, path.length() - "/status".length())
        : path;
  }

  private static String pathOf(ObjectNode pod) {
    JsonNode metadata = pod.path("metadata");
    return "/api/v1/namespaces/%s/pods/%s"
        .formatted(metadata.path("namespace").asText(), metadata.path("name").asText());
  }

  private static Map<String, String> query(String full) {
    Map<String, String> result = new HashMap<>();
    int at = full.indexOf('?');
    if (at >= 0) {
      for (String parameter : full.substring(at + 1).split("&", -1)) {
        String[] parts = parameter.split("=", 2);
        if (parts.length == 2) {
          result.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
      }
    }
    return result;
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  private static ObjectNode body(RecordedRequest request) throws Refusal {
    if (parse(request) instanceof ObjectNode object) {
      return object;
    }
    throw new Refusal(400, "BadRequest", "the body is no object");
  }

  private static JsonNode parse(RecordedRequest request) throws Refusal {
    Buffer body = request.getBody();
    byte[] bytes = body == null ? null : body.getBytes();
    return parse(bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8));
  }

  private static JsonNode parse(String text) throws Refusal {
    try {
      return text.isBlank() || text.stripLeading().startsWith("{") || text.startsWith("[")
          ? MAPPER.readTree(text.isBlank() ? "{}" : text)
          : Serialization.unmarshal(text, JsonNode.class);
    } catch (JsonProcessingException | RuntimeException e) {
      throw new Refusal(400, "BadRequest", "the body can't be read: " + e.getMessage());
    }
  }

  private static ObjectNode parseObject(String text) throws Refusal {
    return (ObjectNode) parse(text);
  }

  private static Refusal notFound(String path) {
    String[] steps = path.split("/", -1);
    String kind = steps.length > 1 ? steps[steps.length - 2] : "";
    return new Refusal(
        404, "NotFound", "%s \"%s\" not found".formatted(kind, steps[steps.length - 1]));
  }

  private static Refusal conflict(ObjectNode object, String why) {
    return new Refusal(
        409,
        "Conflict",
        "Operation cannot be fulfilled on %s \"%s\": %s"
            .formatted(
                object.path("kind").asText(), object.path("metadata").path("name").asText(), why));
  }

  private static Refusal unsupported(String type, String path) {
    return new Refusal(
        415, "UnsupportedMediaType", "a patch of type '" + type + "' is not known for " + path);
  }

  private static MockResponse json(int code, String body) {
    return new MockResponse()
        .setResponseCode(code)
        .setHeader("Content-Type", "application/json")
        .setBody(body);
  }

  private static MockResponse status(int code, String reason, @Nullable String message) {
    return json(
        code,
        Serialization.asJson(
            new StatusBuilder()
                .withStatus(code < 400 ? "Success" : "Failure")
                .withCode(code)
                .withReason(reason.isEmpty() ? null : reason)
                .withMessage(message == null || message.isEmpty() ? null : message)
                .build()));
  }
}
