package dev.fareway.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.node.core.BudgetCap;
import dev.fareway.node.core.FunctionPod;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the API server's lists and watches. */
@NullUnmarked
class NodeViewTest {
  private static final String PODS = "GET /api/v1/pods";
  private static final String CLASSES = "GET /apis/fareway.dev/v1alpha1/priceclasses";
  private static final String NAMESPACES = "GET /api/v1/namespaces";

  private final ApiServerFake server;
  private final Semaphore changes = new Semaphore(0);
  private final NodeView view;

  NodeViewTest() throws IOException {
    server = new ApiServerFake();
    view = new NodeView(server.client(), "node-1", changes::release);
    server.answers.put(
        CLASSES,
        "200 {\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[%s,%s]}"
            .formatted(
                priceClass("dear", "2u", 1, ",\"realtimePriority\":1"),
                priceClass("cheap", "500n", 0, "")));
    server.answers.put(NAMESPACES, list("7", "{\"metadata\":{\"name\":\"quiet\"}}"));
    server.answers.put(PODS, list("9", pod("a", "shop", "dear", "Running")));
  }

  @AfterEach
  void close() {
    view.close();
    server.close();
  }

  private static String priceClass(String name, String price, int rank, String more) {
    return """
    {"metadata":{"name":"%s"},"spec":{"pricePerCpuSecond":"%s","swap":"Never"},
     "status":{"rank":%d,"cpuWeight":100%s}}"""
        .formatted(name, price, rank, more);
  }

  private static String list(String version, String... items) {
    // The version after the items: their order is not a promise.
    return "200 {\"items\":[%s],\"metadata\":{\"resourceVersion\":\"%s\"}}"
        .formatted(String.join(",", items), version);
  }

  private static String pod(String name, String namespace, String priceClass, String phase) {
    return """
    {"metadata":{"name":"%s","namespace":"%s","uid":"uid-%s","resourceVersion":"10",
      "annotations":{"other":"x"%s},"labels":{"pod-template-hash":"77","x":"y"},
      "ownerReferences":[{"name":"owner-77","controller":true,"blockOwnerDeletion":true}]},
     "spec":{"containers":[{"name":"c","env":[{"name":"e"}],"livenessProbe":{"exec":{}}}]},
     "status":{"phase":"%s","containerStatuses":[{"name":"c","containerID":"containerd://abc"}]}}"""
        .formatted(
            name,
            namespace,
            name,
            priceClass.isEmpty() ? "" : ",\"fareway.dev/price-class\":\"" + priceClass + "\"",
            phase)
        .replace("\n", "");
  }

  private static String event(String type, String object) {
    return "{\"type\":\"%s\",\"object\":%s}".formatted(type, object);
  }

  private Map<String, FunctionPod> eventually(Predicate<Map<String, FunctionPod>> holds)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    Map<String, FunctionPod> now = view.functionPods();
    while (!holds.test(now)) {
      long left = end - System.nanoTime();
      if (left < 0 || !changes.tryAcquire(left, TimeUnit.NANOSECONDS)) {
        throw new AssertionError("last seen: " + now);
      }
      now = view.functionPods();
    }
    return now;
  }

  private ApiServerFake.Request watchOf(String path) throws InterruptedException {
    ApiServerFake.Request request;
    do {
      request = server.next();
    } while (!request.target().contains("watch=true") || !request.target().startsWith(path));
    return request;
  }

  @Test
  void functionPods_areReadWithTheirClass() throws Exception {
    assertFalse(view.isSynced());

    view.start();

    FunctionPod pod = eventually(pods -> pods.size() == 1).get("uid-a");
    assertEquals("shop/a", pod.ref().toString());
    assertEquals("owner", pod.function());
    assertEquals(Map.of("abc", "c"), pod.containerNames());
    assertTrue(pod.livenessProbed());
    assertEquals("dear", pod.priceClass().name());
    assertEquals(2000, pod.priceClass().nanoUnitsPerCpuSecond());
    assertFalse(pod.priceClass().swappable());
    assertEquals(1, pod.standing().rank());
    assertEquals(1, pod.standing().realtimePriority().orElseThrow());
    assertTrue(server.next().token().equals("Bearer secret"));
  }

  @Test
  void list_isReadPageByPage() throws Exception {
    server.answers.put(
        PODS,
        "200 {\"metadata\":{\"resourceVersion\":\"3\",\"continue\":\"to+ken\"},\"items\":[%s]}"
            .formatted(pod("first", "shop", "dear", "Running")));

    view.start();

    ApiServerFake.Request page;
    do {
      page = server.next();
    } while (!page.target().contains("continue="));
    assertTrue(page.target().contains("continue=to%2Bken"), page::target);
    server.answers.put(PODS, list("9", pod("second", "shop", "dear", "Running")));
    eventually(pods -> pods.keySet().equals(java.util.Set.of("uid-first", "uid-second")));
  }

  @Test
  void watch_goesOnFromTheLastVersion_andTellsOfEachChange() throws Exception {
    view.start();
    eventually(pods -> pods.size() == 1);
    // The pods' alone reads the events: the others are not watched in this test.
    String target = watchOf("/api/v1/pods").target();
    assertTrue(target.contains("resourceVersion=9"), target);
    assertTrue(target.contains("fieldSelector=spec.nodeName%3Dnode-1"), target);
    assertTrue(target.contains("allowWatchBookmarks=true"), target);
  }

  @Test
  void pods_comeAndGo() throws Exception {
    try (var pods = podsAlone()) {
      server.events.add(event("ADDED", pod("b", "shop", "dear", "Pending")));
      until(() -> pods.all().size() == 2);
      server.events.add(event("MODIFIED", pod("b", "shop", "dear", "Succeeded")));
      until(() -> pods.all().size() == 1);
      server.events.add(event("DELETED", pod("a", "shop", "dear", "Running")));
      until(() -> pods.all().isEmpty());
    }
  }

  @Test
  void watch_isOpenedAgainFromTheBookmark_whenItEnds() throws Exception {
    try (var pods = podsAlone()) {
      server.events.add(
          event("BOOKMARK", "{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"42\"}}"));
      server.endWatch();

      assertTrue(watchOf("/api/v1/pods").target().contains("resourceVersion=42"));
      assertEquals(1, pods.all().size());
    }
  }

  @Test
  void list_isReadAnew_whenTheVersionIsGone() throws Exception {
    try (var pods = podsAlone()) {
      server.answers.put(PODS, list("90", pod("c", "shop", "dear", "Running")));
      server.events.add(
          event("ERROR", "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}"));

      assertTrue(watchOf("/api/v1/pods").target().contains("resourceVersion=90"));
      assertEquals("c", pods.all().iterator().next().ref().name());
      assertEquals(1, pods.all().size());
    }
  }

  @Test
  void lastKnown_stays_whenTheStreamIsBroken() throws Exception {
    try (var pods = podsAlone()) {
      server.events.add("{\"type\":\"ADDED\",\"object\":{\"metadata\"");
      server.endWatch();

      assertTrue(watchOf("/api/v1/pods").target().contains("resourceVersion=9"));
      assertEquals(1, pods.all().size());
    }
  }

  @Test
  void namespaceAndDefault_giveTheClass_whenThePodNamesNone() throws Exception {
    server.answers.put(
        NAMESPACES,
        list(
            "7",
            "{\"metadata\":{\"name\":\"priced\",\"annotations\":{\"fareway.dev/price-class\":\"dear\"}}}"));
    server.answers.put(
        PODS,
        list(
            "9",
            pod("n", "priced", "", "Running"),
            pod("none", "shop", "", "Running"),
            pod("f", "shop", "", "Running")
                .replace("\"spec\":{", "\"spec\":{\"schedulerName\":\"fareway\",")));

    view.start();

    var pods = eventually(now -> now.size() == 2);
    assertEquals("dear", pods.get("uid-n").priceClass().name());
    assertEquals("cheap", pods.get("uid-f").priceClass().name());
  }

  private Reflector<PodObject> podsAlone() throws InterruptedException {
    var pods =
        new Reflector<>(
            server.client(),
            new Reflector.Source<>("pods", "/api/v1/pods", "", "", PodObject::read),
            changes::release,
            new java.util.SplittableRandom(1));
    pods.start();
    var _ = watchOf("/api/v1/pods");
    return pods;
  }

  private void until(java.util.function.BooleanSupplier holds) throws InterruptedException {
    while (!holds.getAsBoolean()) {
      assertTrue(changes.tryAcquire(20, TimeUnit.SECONDS), "nothing changed");
    }
  }

  @Test
  void functionPods_areCapped_asTheOperatorSaysOfTheirBudgets() throws Exception {
    server.answers.put(
        PODS,
        list(
            "9",
            marked("degraded", "Degrade=cheap"),
            marked("unknown", "Degrade=none"),
            marked("throttled", "Throttle=100m"),
            marked("garbled", "Throttle=-1m")));
    view.start();

    var pods = eventually(found -> found.size() == 4 && view.isSynced());

    assertEquals("cheap", pods.get("uid-degraded").capped().priceClass().name());
    assertTrue(pods.get("uid-degraded").budget().cpuMillis().isEmpty());
    assertEquals("dear", pods.get("uid-unknown").capped().priceClass().name());
    assertEquals("cheap", pods.get("uid-throttled").capped().priceClass().name());
    assertEquals(100, pods.get("uid-throttled").budget().cpuMillis().getAsInt());
    assertEquals(BudgetCap.NONE, pods.get("uid-garbled").budget());
  }

  private static String marked(String name, String mark) {
    return pod(name, "shop", "dear", "Running")
        .replace("\"other\":\"x\"", "\"fareway.dev/budget\":\"%s\"".formatted(mark));
  }
}
