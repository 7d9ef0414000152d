package dev.fareway.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.node.core.PodEvents;
import dev.fareway.node.core.PodEvictions.Outcome;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.meter.Amounts;
import dev.fareway.node.core.meter.UsageKey;
import dev.fareway.node.core.meter.UsageStore;
import dev.fareway.node.core.meter.UsageStore.Stored;
import dev.fareway.node.core.meter.UsageStore.Written;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the core's ports become on the wire. */
class PortsTest {
  private static final PodRef POD = new PodRef("shop", "home", "uid-1");
  private static final String EVICTION = "POST /api/v1/namespaces/shop/pods/home/eviction";
  private static final String USAGE = "/apis/fareway.dev/v1alpha1/nodeusages/node-1.2026-11";

  private final ApiServerFake server;
  private final ObjectMapper json = new ObjectMapper();

  PortsTest() throws IOException {
    server = new ApiServerFake();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Outcome evict(String answer) {
    server.answers.put(EVICTION, answer);
    return new EvictionClient(server.client()).evict(POD, OptionalLong.of(3));
  }

  @Test
  void eviction_isOfThatPodAlone() throws Exception {
    assertInstanceOf(Outcome.Accepted.class, evict("201 {}"));

    var eviction = json.readTree(server.next().body());
    assertEquals("policy/v1", eviction.at("/apiVersion").asText());
    assertEquals("uid-1", eviction.at("/deleteOptions/preconditions/uid").asText());
    assertEquals(3, eviction.at("/deleteOptions/gracePeriodSeconds").asInt());
  }

  @Test
  void eviction_saysWhatBecameOfIt() {
    assertInstanceOf(Outcome.Gone.class, evict("404 {}"));
    assertInstanceOf(Outcome.Gone.class, evict("409 {}"));
    assertInstanceOf(Outcome.Failed.class, evict("500 not even JSON"));
    var refused =
        assertInstanceOf(
            Outcome.Refused.class,
            evict("429 {\"reason\":\"TooManyRequests\",\"message\":\"the budget forbids it\"}"));
    assertTrue(refused.why().contains("the budget forbids it"), refused::why);
  }

  @Test
  void eviction_fails_whenTheServerIsAway() {
    var client = new EvictionClient(server.client());
    server.close();

    assertInstanceOf(Outcome.Failed.class, client.evict(POD, OptionalLong.empty()));
  }

  @Test
  void usage_isCreated_whenThereIsNone() throws Exception {
    var store = new NodeUsageClient(server.client(), "node-1");
    server.answers.put("PATCH " + USAGE, "201 {}");

    assertInstanceOf(Stored.Absent.class, store.read("2026-11", 0));
    var written = store.write("2026-11", 0, page(new Amounts(1, 2, 3, 4, 5, 6)));

    // Not found, created, not found again by this fake, which forgets what it is told.
    assertEquals(new Written.Failed(true, ""), withoutReason(written));
    assertEquals("GET", server.next().method());
    assertEquals(USAGE + "/status", path(server.next()));
    var create = server.next();
    assertEquals(USAGE + "?force=true&fieldManager=fareway-node-daemon", create.target());
    assertEquals("application/apply-patch+yaml", create.contentType());
    assertEquals("2026-11", json.readTree(create.body()).at("/spec/month").asText());
    var status = server.next();
    assertEquals(USAGE + "/status", path(status));
    assertEquals(7, json.readTree(status.body()).at("/status/sequence").asLong());
    assertEquals(2, json.readTree(status.body()).at("/status/usage/0/memoryByteSeconds").asLong());
    assertEquals(8, json.readTree(status.body()).at("/status/usage/0/costNanoUnits").asLong());
  }

  private static UsageStore.Page page(Amounts amounts) {
    return new UsageStore.Page(7, Map.of(new UsageKey("shop", "home", "dear"), amounts));
  }

  @Test
  void usage_hasFurtherPages() throws Exception {
    server.answers.put("PATCH " + USAGE + ".1/status", "200 {}");
    var store = new NodeUsageClient(server.client(), "node-1");

    assertEquals(new Written.Done(), store.write("2026-11", 1, page(Amounts.ZERO)));
    assertEquals(USAGE + ".1/status", path(server.next()));
  }

  private static Written withoutReason(Written written) {
    return written instanceof Written.Failed(boolean retry, String _)
        ? new Written.Failed(retry, "")
        : written;
  }

  private static String path(ApiServerFake.Request request) {
    return request.target().substring(0, request.target().indexOf('?'));
  }

  @Test
  void usage_isReadAndWritten_whenItIsThere() {
    server.answers.put(
        "GET " + USAGE,
        ("200 {\"spec\":{},\"status\":{\"sequence\":7,\"usage\":[{\"namespace\":\"shop\","
                + "\"function\":\"home\",\"priceClass\":\"dear\",\"cpuNanos\":%d,"
                + "\"memoryByteSeconds\":2,\"costNanoUnits\":8,\"memoryCostNanoUnits\":5,"
                + "\"cpuCostRemainder\":4,\"memoryCostRemainder\":6}]}}")
            .formatted(Long.MAX_VALUE));
    server.answers.put("PATCH " + USAGE + "/status", "200 {}");
    var store = new NodeUsageClient(server.client(), "node-1");
    var page = page(new Amounts(Long.MAX_VALUE, 2, 3, 4, 5, 6));

    assertEquals(new Stored.Found(page), store.read("2026-11", 0));
    assertEquals(new Written.Done(), store.write("2026-11", 0, page));
  }

  @Test
  void usage_isNotTriedAgain_whenItIsInvalid() {
    server.answers.put("PATCH " + USAGE + "/status", "422 {\"message\":\"cpuNanos can't shrink\"}");
    var store = new NodeUsageClient(server.client(), "node-1");

    var failed =
        assertInstanceOf(Written.Failed.class, store.write("2026-11", 0, page(Amounts.ZERO)));
    assertEquals(false, failed.retry());
    assertTrue(failed.why().contains("shrink"), failed::why);
  }

  @Test
  void event_isWrittenOnce_howeverOftenItHappens() throws Exception {
    server.answers.put("POST /apis/events.k8s.io/v1/namespaces/shop/events", "201 {}");
    var clock = Clock.fixed(Instant.parse("2026-02-02T00:00:00Z"), ZoneOffset.UTC);
    try (var events = new EventWriter(server.client(), "node-1", clock)) {
      events.record(POD, PodEvents.Type.WARNING, "SwappedOut", "Because.");
      events.record(POD, PodEvents.Type.WARNING, "SwappedOut", "Because.");
      events.record(POD, PodEvents.Type.NORMAL, "SwappedIn", "Because.");

      var first = json.readTree(server.next().body());
      assertEquals("events.k8s.io/v1", first.at("/apiVersion").asText());
      assertEquals("2026-02-02T00:00:00.000000Z", first.at("/eventTime").asText());
      assertEquals("home.", first.at("/metadata/generateName").asText());
      assertEquals("uid-1", first.at("/regarding/uid").asText());
      assertEquals("Warning", first.at("/type").asText());
      assertEquals("SwappedIn", json.readTree(server.next().body()).at("/reason").asText());
      assertEquals(0, events.dropped());
    }
    assertNull(server.requests.poll(1, TimeUnit.MILLISECONDS));
  }
}
