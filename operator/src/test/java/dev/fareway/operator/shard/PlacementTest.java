package dev.fareway.operator.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import dev.fareway.scheduler.core.ShardOptions;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a replica does with single pods, and what it says and counts of them. */
@NullUnmarked
class PlacementTest {
  private final Recorded outside = new Recorded();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Set<String> usableClaims = new HashSet<>();
  private final Placement placement =
      new Placement(
          new Placement.Options(ShardOptions.DEFAULTS, 8, 5_000_000),
          1,
          outside,
          Fence.NONE,
          PlacementGuard.NONE,
          (namespace, claim) -> usableClaims.contains(namespace + "/" + claim),
          new PlacementMetrics(registry),
          new SplittableRandom(1));

  @BeforeEach
  void start() {
    placement.priceClassChanged(priceClass("dear", "2u"));
    placement.priceClassChanged(priceClass("cheap", "1u"));
    placement.nodeChanged(TestNodes.ready("node", "4", "8Gi", "110").build());
    placement.hold(0);
  }

  @Test
  void podWithAClaim_isLeftToOthers_untilTheClaimHasAVolumeThatEveryNodeCanUse() {
    placement.podChanged(
        new PodBuilder(pod("p", "dear", "1"))
            .editSpec()
            .addNewVolume()
            .withName("data")
            .withNewPersistentVolumeClaim("files", false)
            .endVolume()
            .endSpec()
            .build());
    run(Duration.ofSeconds(20));
    assertEquals(Map.of(), outside.bound);
    assertTrue(
        outside.said.get("p").contains("the volume claim files, which may be bound to some nodes"),
        () -> outside.said.get("p"));

    usableClaims.add("default/files");
    run(Duration.ofSeconds(20));

    assertEquals(Map.of("p", "node"), outside.bound);
  }

  @Test
  void promise_thatComesToNothing_isTakenBackFromThePod() {
    Pod cheap = bound(pod("cheap", "cheap", "3"));
    placement.podChanged(cheap);
    placement.podChanged(pod("dear", "dear", "3"));
    run(Duration.ofSeconds(5));
    assertEquals(List.of("cheap"), outside.evicted);
    assertEquals("node", outside.promised.get("dear"));

    // A disruption budget protects it.
    outside.evictions.forEach(done -> done.accept(Outside.Eviction.PROTECTED));
    run(Duration.ofSeconds(5));

    assertEquals(Map.of(), outside.promised);
    assertEquals(Map.of(), outside.bound);
  }

  @Test
  void decisionsAndBindings_areTimedByClass() {
    placement.podChanged(pod("a", "dear", "1"));
    placement.podChanged(pod("b", "cheap", "1"));
    placement.podChanged(pod("c", "cheap", "1"));
    placement.podChanged(pod("too-big", "dear", "64"));
    run(Duration.ofSeconds(5));

    assertEquals(Set.of("a", "b", "c"), outside.bound.keySet());
    assertEquals(2, timed("fareway.decision", "dear"));
    assertEquals(2, timed("fareway.decision", "cheap"));
    assertEquals(1, timed("fareway.bind", "dear"));
    assertEquals(2, timed("fareway.bind", "cheap"));
    assertEquals(2, timed("fareway.placement.wait", "cheap"));
  }

  private long timed(String timer, String priceClass) {
    return registry.get(timer).tag("price_class", priceClass).timer().count();
  }

  private void run(Duration time) {
    long end = outside.nowNanos + time.toNanos();
    while (outside.nowNanos < end) {
      placement.step();
      outside.answer();
      outside.nowNanos += Duration.ofMillis(100).toNanos();
    }
  }

  private static PriceClass priceClass(String name, String price) {
    var priceClass = new PriceClass();
    var meta = new ObjectMeta();
    meta.setName(name);
    meta.setCreationTimestamp("2026-01-01T00:00:00Z");
    priceClass.setMetadata(meta);
    priceClass.setSpec(PriceClassSpec.ofPrice(price));
    return priceClass;
  }

  private static Pod bound(Pod pod) {
    return new PodBuilder(pod).editSpec().withNodeName("node").endSpec().build();
  }

  private static Pod pod(String name, String priceClass, String cpu) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .withUid(name)
        .addToAnnotations(Fareway.PRICE_CLASS, priceClass)
        .endMetadata()
        .withNewSpec()
        .withSchedulerName(Fareway.SCHEDULER_NAME)
        .addNewContainer()
        .withName("c")
        .withNewResources()
        .addToRequests("cpu", new Quantity(cpu))
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }

  /** Keeps what it is asked and told; every binding succeeds, of evictions the test decides. */
  private static final class Recorded implements Outside {
    private final Map<String, String> bound = new HashMap<>();
    private final Map<String, String> said = new HashMap<>();
    private final Map<String, String> promised = new HashMap<>();
    private final List<String> evicted = new ArrayList<>();
    private final List<Consumer<Eviction>> evictions = new ArrayList<>();
    private final List<Runnable> answers = new ArrayList<>();
    private long nowNanos;

    private void answer() {
      List<Runnable> now = List.copyOf(answers);
      answers.clear();
      now.forEach(Runnable::run);
    }

    @Override
    public Instant now() {
      return Instant.ofEpochSecond(1_800_000_000L).plusNanos(nowNanos);
    }

    @Override
    public boolean poll(String node, long pollId) {
      return false;
    }

    @Override
    public void bind(PodRef pod, String node, Consumer<Binder.Outcome> done) {
      bound.put(pod.name(), node);
      answers.add(() -> done.accept(Binder.Outcome.BOUND));
    }

    @Override
    public void evict(PodRef pod, Consumer<Eviction> done) {
      evicted.add(pod.name());
      evictions.add(done);
    }

    @Override
    public void waits(PodRef pod, String reason, String message) {
      said.put(pod.name(), message);
      // As the reporter does: who is told to wait is promised nothing.
      promised.remove(pod.name());
    }

    @Override
    public void unsay(String uid) {}

    @Override
    public void nominated(PodRef pod, String node, String message) {
      promised.put(pod.name(), node);
    }

    @Override
    public void preempted(PodRef pod, String message) {}
  }
}
