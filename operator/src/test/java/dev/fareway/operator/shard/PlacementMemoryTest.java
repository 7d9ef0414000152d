package dev.fareway.operator.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import dev.fareway.scheduler.core.Load;
import dev.fareway.scheduler.core.ShardOptions;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.Reference;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * What is kept of 5,000 nodes and 100,000 pods: placement's own books, and the versions in the
 * informers' stores. The rest of the operator takes some 60 MiB of heap, which leaves the whole
 * well below 512 MiB.
 */
@NullUnmarked
class PlacementMemoryTest {
  private static final int NODES = 5_000;
  private static final int PODS = 100_000;
  private static final int WAITING = 10_000;
  private static final long MOST_BYTES = 300L << 20;

  @Test
  void books_stayBelowTheirBound_with5000NodesAnd100000Pods() {
    var random = new SplittableRandom(1);
    long before = usedBytes();
    var podStore = new TrimmingStore<>(Pod::new);
    var nodeStore = new TrimmingStore<>(Node::new);
    var placement =
        new Placement(
            new Placement.Options(ShardOptions.DEFAULTS, 64, 5_000_000),
            4,
            new Nobody(),
            Fence.NONE,
            new PlacementMetrics(new SimpleMeterRegistry()),
            random);
    placement.priceClassChanged(priceClass());
    for (int i = 0; i < NODES; i++) {
      Node node = node(i);
      nodeStore.put(node.getMetadata().getName(), node);
      placement.nodeChanged(node);
      placement.sessionOpened(node.getMetadata().getName(), new Load(1L << 36, 20, List.of()));
    }
    for (int i = 0; i < PODS; i++) {
      Pod pod = pod(i, random, i < WAITING ? null : "node-" + i % NODES);
      podStore.put("shop/" + pod.getMetadata().getName(), pod);
      placement.podChanged(pod);
    }
    for (int shard = 0; shard < 4; shard++) {
      placement.hold(shard);
    }

    long used;
    try {
      used = usedBytes() - before;
    } finally {
      Reference.reachabilityFence(placement);
      Reference.reachabilityFence(podStore);
      Reference.reachabilityFence(nodeStore);
    }

    System.out.printf(
        "%d nodes, %d pods (%d of them waiting): %d MiB, %d bytes a pod%n",
        NODES, PODS, WAITING, used >> 20, used / PODS);
    assertEquals(WAITING, placement.waitingPods());
    assertTrue(used < MOST_BYTES, () -> "%d MiB are too much".formatted(used >> 20));
  }

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static PriceClass priceClass() {
    var priceClass = new PriceClass();
    var meta = new ObjectMeta();
    meta.setName("standard");
    meta.setCreationTimestamp("2026-01-01T00:00:00Z");
    priceClass.setMetadata(meta);
    priceClass.setSpec(PriceClassSpec.ofPrice("2u"));
    return priceClass;
  }

  private static Node node(int i) {
    return TestNodes.ready("node-" + i, "32", "128Gi", "110")
        .editMetadata()
        .withUid(UUID.nameUUIDFromBytes(new byte[] {(byte) i, (byte) (i >> 8)}).toString())
        .withResourceVersion(Integer.toString(i))
        .addToLabels("kubernetes.io/hostname", "node-" + i)
        .addToLabels("topology.kubernetes.io/zone", "zone-" + i % 3)
        .addToLabels("node.kubernetes.io/instance-type", "large-" + i % 4)
        .addToLabels("kubernetes.io/arch", "amd64")
        .endMetadata()
        .build();
  }

  /** Made anew with strings of its own, as a watch does. */
  private static Pod pod(int i, SplittableRandom random, String node) {
    String function = "function-" + i % 2_000;
    return new PodBuilder()
        .withNewMetadata()
        .withName(function + "-6d4cf56db6-" + Integer.toString(i, 36))
        .withNamespace("shop")
        .withUid(new UUID(random.nextLong(), random.nextLong()).toString())
        .withResourceVersion(Integer.toString(1_000_000 + i))
        .withCreationTimestamp(Instant.ofEpochSecond(1_700_000_000L + i).toString())
        .addToAnnotations(Fareway.PRICE_CLASS, "standard")
        .addToLabels("serving.knative.dev/service", function)
        .addToLabels("app", function)
        .endMetadata()
        .withNewSpec()
        .withSchedulerName(Fareway.SCHEDULER_NAME)
        .withNodeName(node)
        .addNewContainer()
        .withName("user-container")
        .withImage("registry/function:1")
        .withNewResources()
        .addToRequests("cpu", new Quantity("100m"))
        .addToRequests("memory", new Quantity("64Mi"))
        .endResources()
        .endContainer()
        .addNewToleration()
        .withKey("node.kubernetes.io/not-ready")
        .withOperator("Exists")
        .withEffect("NoExecute")
        .withTolerationSeconds(300L)
        .endToleration()
        .endSpec()
        .build();
  }

  /** Does nothing of what it is asked. */
  private static final class Nobody implements Outside {
    @Override
    public Instant now() {
      return Instant.ofEpochSecond(1_800_000_000L);
    }

    @Override
    public boolean poll(String node, long pollId) {
      return false;
    }

    @Override
    public void bind(PodRef pod, String node, Consumer<Binder.Outcome> done) {}

    @Override
    public void evict(PodRef pod, Consumer<Eviction> done) {}

    @Override
    public void waits(PodRef pod, String reason, String message) {}

    @Override
    public void unsay(String uid) {}

    @Override
    public void nominated(PodRef pod, String node, String message) {}

    @Override
    public void preempted(PodRef pod, String message) {}
  }
}
