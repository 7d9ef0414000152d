package dev.fareway.e2e.cluster;

import static dev.fareway.e2e.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What Fareway's parts need of an API server; the real one says what is right. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class ApiServerContract {

  private static final int NAME_LENGTH = 8;

  private @Nullable LocalCluster cluster;

  /** Which one; aborts the tests by name where it can't run. */
  abstract ApiServerKind kind();

  @BeforeAll
  void startCluster(@TempDir Path folder) {
    cluster = LocalCluster.start(LocalClusterOptions.in(folder).withApiServer(kind()));
  }

  @AfterAll
  void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private KubernetesClient client() {
    return Objects.requireNonNull(cluster).client();
  }

  private static String unique(String prefix) {
    return prefix + "-" + java.util.UUID.randomUUID().toString().substring(0, NAME_LENGTH);
  }

  private Pod created(String prefix) {
    return client().resource(Pods.shell(unique(prefix), "true")).create();
  }

  private Pod current(Pod pod) {
    return Objects.requireNonNull(client().resource(pod).get());
  }

  private static int codeOf(Runnable call) {
    return assertThrows(KubernetesClientException.class, call::run).getCode();
  }

  /** Pods that were bound stay until someone takes the node's part. */
  private void remove(Pod pod) {
    client().resource(pod).withGracePeriod(0).delete();
  }

  @Test
  void create_givesIdentityAndPendingPhase() {
    Pod pod = created("new");

    assertNotNull(pod.getMetadata().getUid());
    assertNotNull(pod.getMetadata().getResourceVersion());
    assertNotNull(pod.getMetadata().getCreationTimestamp());
    assertEquals("Pending", pod.getStatus().getPhase());
  }

  @Test
  void create_refusesWithConflict_whenNameIsTaken() {
    Pod pod = created("twice");

    assertEquals(
        409,
        codeOf(() -> client().resource(Pods.shell(pod.getMetadata().getName(), "true")).create()));
  }

  @Test
  void create_makesUpName_whenOnlyItsBeginningIsGiven() {
    Pod nameless = Pods.shell("x", "true");
    nameless.getMetadata().setName(null);
    nameless.getMetadata().setGenerateName("made-up-");

    Pod pod = client().resource(nameless).create();

    assertTrue(pod.getMetadata().getName().matches("made-up-[a-z0-9]{5}"));
  }

  @Test
  void binding_setsNodeAndPodScheduled() {
    Pod pod = created("bind");

    Pods.bind(client(), pod, "node-a");

    Pod bound = current(pod);
    assertEquals("node-a", bound.getSpec().getNodeName());
    assertTrue(
        bound.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    condition.getType().equals("PodScheduled")
                        && condition.getStatus().equals("True")));
    assertNotEquals(
        pod.getMetadata().getResourceVersion(), bound.getMetadata().getResourceVersion());
    remove(pod);
  }

  @Test
  void binding_refusesWithConflict_whenPodIsBound() {
    Pod pod = created("bind-twice");
    Pods.bind(client(), pod, "node-a");

    assertEquals(409, codeOf(() -> Pods.bind(client(), pod, "node-b")));

    assertEquals("node-a", current(pod).getSpec().getNodeName());
    remove(pod);
  }

  @Test
  void binding_refusesWithNotFound_whenPodIsGone() {
    Pod pod = created("bind-gone");
    remove(pod);

    assertEquals(404, codeOf(() -> Pods.bind(client(), pod, "node-a")));
  }

  @Test
  void fieldSelectors_findPodsByNodeSchedulerAndName() {
    Pod waiting = created("waiting");
    Pod bound = created("bound");
    String node = unique("node");
    Pods.bind(client(), bound, node);

    assertEquals(List.of(name(bound)), names("spec.nodeName=" + node));
    assertEquals(List.of(name(waiting)), names("metadata.name=" + name(waiting)));
    List<String> queue = names("spec.schedulerName=fareway,spec.nodeName=");
    assertTrue(queue.contains(name(waiting)));
    assertTrue(!queue.contains(name(bound)));
    assertTrue(names("spec.nodeName!=").contains(name(bound)));
    assertEquals(List.of(), names("spec.schedulerName=other"));
    remove(bound);
  }

  private List<String> names(String fieldSelector) {
    return client()
        .pods()
        .inNamespace(Pods.NAMESPACE)
        .list(
            new io.fabric8.kubernetes.api.model.ListOptionsBuilder()
                .withFieldSelector(fieldSelector)
                .build())
        .getItems()
        .stream()
        .map(ApiServerContract::name)
        .toList();
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }

  private static final class Events implements Watcher<Pod> {
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    @Override
    public void eventReceived(Action action, Pod pod) {
      seen.add(action + " " + Objects.toString(pod.getSpec().getNodeName(), "-"));
    }

    @Override
    public void onClose(WatcherException cause) {
      seen.add("closed");
    }
  }

  @Test
  void watch_seesCreationBindingAndDeletion() throws Exception {
    String name = unique("watched");
    Events events = new Events();
    try (var watch =
        client()
            .pods()
            .inNamespace(Pods.NAMESPACE)
            .withField("metadata.name", name)
            .watch(events)) {
      Pod pod = client().resource(Pods.shell(name, "true")).create();
      Pods.bind(client(), pod, "node-a");
      remove(pod);

      eventually("the deletion is seen", () -> events.seen.contains("DELETED node-a"));
      List<String> seen = List.copyOf(events.seen);
      assertEquals("ADDED -", seen.getFirst());
      assertTrue(seen.contains("MODIFIED node-a"), seen::toString);
      assertNotNull(watch);
    }
  }

  @Test
  void watchOfNode_seesPodAppear_whenItIsBound() throws Exception {
    String node = unique("node");
    Events events = new Events();
    try (var watch =
        client().pods().inAnyNamespace().withField("spec.nodeName", node).watch(events)) {
      Pod pod = created("appears");
      Pods.bind(client(), pod, node);

      eventually("the pod is seen", () -> !events.seen.isEmpty());
      assertEquals("ADDED " + node, events.seen.peek());
      assertNotNull(watch);
      remove(pod);
    }
  }

  @Test
  void watchFromVersion_seesDeletionBetweenListAndWatch() throws Exception {
    Pod pod = created("missed");
    String version =
        client().pods().inNamespace(Pods.NAMESPACE).list().getMetadata().getResourceVersion();
    remove(pod);
    Queue<String> deleted = new ConcurrentLinkedQueue<>();

    try (var watch =
        client()
            .pods()
            .inNamespace(Pods.NAMESPACE)
            .withResourceVersion(version)
            .watch(
                new Watcher<Pod>() {
                  @Override
                  public void eventReceived(Action action, Pod changed) {
                    if (action == Action.DELETED) {
                      deleted.add(name(changed));
                    }
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    deleted.add("closed");
                  }
                })) {
      eventually("the deletion is seen", () -> deleted.contains(name(pod)));
      assertNotNull(watch);
    }
  }

  @Test
  void statusPatch_changesStatusOnly_andMergesConditionsByType() {
    Pod pod = created("status");
    Pods.bind(client(), pod, "node-a");
    PatchContext strategic = PatchContext.of(PatchType.STRATEGIC_MERGE);

    client()
        .resource(pod)
        .subresource("status")
        .patch(
            strategic,
            """
            {"metadata":{"labels":{"ignored":"yes"}},
             "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}
            """);

    Pod patched = current(pod);
    assertEquals("Running", patched.getStatus().getPhase());
    assertEquals(
        List.of("PodScheduled", "Ready"),
        patched.getStatus().getConditions().stream().map(c -> c.getType()).sorted().toList());
    assertNull(patched.getStatus().getReason());
    remove(pod);
  }

  @Test
  void updateStatus_refusesWithConflict_whenObjectChangedSince() {
    Pod pod = created("stale");
    Pods.bind(client(), pod, "node-a");
    Pod stale = new PodBuilder(pod).editOrNewStatus().withPhase("Running").endStatus().build();

    assertEquals(409, codeOf(() -> client().resource(stale).updateStatus()));

    assertEquals("Pending", current(pod).getStatus().getPhase());
    remove(pod);
  }

  @Test
  void annotationPatch_leavesStatusAlone() {
    Pod pod = created("annotate");

    client()
        .resource(pod)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            """
            {"metadata":{"annotations":{"a":"b"}},"status":{"phase":"Failed"}}
            """);

    assertEquals("b", current(pod).getMetadata().getAnnotations().get("a"));
    assertEquals("Pending", current(pod).getStatus().getPhase());
  }

  @Test
  void delete_removesAtOnce_whenPodIsNotBound() {
    Pod pod = created("unbound");

    client().resource(pod).delete();

    assertNull(client().resource(pod).get());
  }

  @Test
  void delete_leavesBoundPodToItsNode_untilItIsDeletedWithoutGrace() {
    Pod pod = created("graceful");
    Pods.bind(client(), pod, "node-a");

    client().resource(pod).delete();

    Pod deleting = current(pod);
    assertNotNull(deleting.getMetadata().getDeletionTimestamp());
    assertEquals(5L, deleting.getMetadata().getDeletionGracePeriodSeconds());

    client().resource(deleting).updateStatus();
    assertNotNull(client().resource(pod).get());

    client().resource(pod).withGracePeriod(0).delete();
    assertNull(client().resource(pod).get());
  }

  @Test
  void nodeStatus_keepsConditionsOfOthers_whenOneIsPatched() {
    String name = unique("node");
    client()
        .resource(new NodeBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    for (String type : List.of("Ready", "FarewayEnforcement")) {
      client()
          .nodes()
          .withName(name)
          .subresource("status")
          .patch(
              PatchContext.of(PatchType.STRATEGIC_MERGE),
              "{\"status\":{\"conditions\":[{\"type\":\"%s\",\"status\":\"True\"}]}}"
                  .formatted(type));
    }

    Node node = client().nodes().withName(name).get();
    assertEquals(
        List.of("FarewayEnforcement", "Ready"),
        node.getStatus().getConditions().stream().map(NodeCondition::getType).sorted().toList());
    client().resource(node).delete();
  }

  @Test
  void priceClass_hasStatusSubresource() {
    PriceClass given =
        Serialization.unmarshal(
            """
            apiVersion: fareway.dev/v1alpha1
            kind: PriceClass
            metadata: {name: %s}
            spec: {pricePerCpuSecond: 2u}
            """
                .formatted(unique("class")),
            PriceClass.class);

    PriceClass created = client().resource(given).create();
    long generation = created.getMetadata().getGeneration();
    PriceClassStatus status =
        Serialization.unmarshal("rank: 1\ncpuWeight: 7", PriceClassStatus.class);
    created.setStatus(status);
    client().resource(created).updateStatus();

    PriceClass now = Objects.requireNonNull(client().resource(given).get());
    assertEquals(1, now.getStatus().rank());
    assertEquals(7, now.getStatus().cpuWeight());
    assertEquals(generation, now.getMetadata().getGeneration());

    client()
        .resource(now)
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"pricePerCpuSecond\":\"3u\"}}");
    now = Objects.requireNonNull(client().resource(given).get());
    assertEquals(generation + 1, now.getMetadata().getGeneration());
    assertEquals(1, now.getStatus().rank());
    client().resource(now).delete();
  }

  @Test
  void apply_createsAndChanges() {
    String name = unique("applied");
    for (String label : List.of("one", "two")) {
      Pod given = Pods.shell(name, "true");
      given.getMetadata().setLabels(Map.of("step", label));
      client().resource(given).fieldManager("test").forceConflicts().serverSideApply();
    }

    Pod pod = client().pods().inNamespace(Pods.NAMESPACE).withName(name).get();
    assertEquals("two", pod.getMetadata().getLabels().get("step"));
    assertEquals(1, pod.getSpec().getContainers().size());
  }
}
