package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two packaged operators on a real API server that each reaches through a {@link FaultyDoor}, one
 * of which is killed in the middle of a burst, while the other is stopped for longer than its
 * Leases last: no pod is lost, and none is moved. {@code FaultsTest} plays hundreds of such
 * schedules in virtual time; this shows that the HTTP client, the informers and the Leases of the
 * real program stand them, too.
 */
@NullUnmarked
@NeedsRealApiServer
@Tag("long")
@Timeout(240)
class FaultsOnRealApiServerTest {
  private static final int BURSTS = 6;
  private static final int BURST = 40;

  private LocalCluster cluster;
  private KubernetesClient client;
  private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noPodIsLost_andNoneIsMoved_whateverFails(long standardSeed, @TempDir Path temp)
      throws Exception {
    long seed = Long.getLong("fareway.seed", standardSeed);
    System.out.println("seed " + seed);
    folder = temp;
    Path home = LocalClusterOptions.in(folder).home();
    assumeTrue(
        Files.exists(home.resolve(LocalCluster.OPERATOR)),
        () -> home.resolve(LocalCluster.OPERATOR) + " is not built");
    try (LocalCluster started =
        LocalCluster.start(LocalClusterOptions.in(folder).withApiServer(ApiServerKind.REAL))) {
      cluster = started;
      client = cluster.client();
      prepare();
      play(new Random(seed));
    }
  }

  private void play(Random random) throws Exception {
    Map<String, String> nodes = new ConcurrentHashMap<>();
    Queue<String> moved = new ConcurrentLinkedQueue<>();
    try (var _ = watch(nodes, moved);
        var doorA = new FaultyDoor(client.getConfiguration(), random.nextLong());
        var doorB = new FaultyDoor(client.getConfiguration(), random.nextLong())) {
      var a = operator("a", doorA);
      try (var b = operator("b", doorB)) {
        a.waitReady(Duration.ofSeconds(60));
        b.waitReady(Duration.ofSeconds(60));
        Eventually.eventually("each holds half", () -> holders().equals(Map.of("a", 2, "b", 2)));
        doorA.faulty(true);
        doorB.faulty(true);
        for (int burst = 0; burst < BURSTS; burst++) {
          pods("burst-" + burst, BURST);
          switch (burst) {
            case 1 -> {
              // In the middle of the burst, and nobody gives its Leases up.
              ProcessHandle.of(a.pid()).orElseThrow().destroyForcibly();
              a.close();
            }
            case 2 -> a = operator("a", doorA);
            case 3 -> signal("STOP", b.pid());
            case 4 -> signal("CONT", b.pid());
            default -> {}
          }
          TimeUnit.MILLISECONDS.sleep(burst == 3 ? 9_000 : 1_000 + random.nextInt(3_000));
        }
        doorA.faulty(false);
        doorB.faulty(false);
        Eventually.eventually(
            () -> "all have a node; still wait: " + unbound(), () -> unbound() == 0);
        Eventually.eventually("each holds half", () -> holders().equals(Map.of("a", 2, "b", 2)));
      } finally {
        a.close();
      }
      var faults = new TreeMap<>(doorA.faults());
      doorB.faults().forEach((name, count) -> faults.merge(name, count, Integer::sum));
      System.out.println(faults);
      assertTrue(faults.size() >= 7, () -> "some fault was not made: " + faults);
    }
    assertEquals(List.of(), List.copyOf(moved), "pods that were moved");
    assertEquals(BURSTS * BURST, client.pods().inNamespace("default").list().getItems().size());
  }

  private AutoCloseable watch(Map<String, String> nodes, Queue<String> moved) {
    return client
        .pods()
        .inNamespace("default")
        .watch(
            new Watcher<>() {
              @Override
              public void eventReceived(Action action, Pod pod) {
                String node = pod.getSpec().getNodeName();
                if (node != null) {
                  String before = nodes.putIfAbsent(pod.getMetadata().getUid(), node);
                  if (before != null && !before.equals(node)) {
                    moved.add(pod.getMetadata().getName());
                  }
                }
              }

              @Override
              public void onClose(WatcherException cause) {}
            });
  }

  private void prepare() {
    for (String node : List.of("node-1", "node-2", "node-3")) {
      ClusterObjects.readyNode(client, node, 200);
    }
    ClusterObjects.priceClass(client, "batch", "2u");
  }

  private void pods(String prefix, int count) {
    for (int i = 0; i < count; i++) {
      create(
          """
          apiVersion: v1
          kind: Pod
          metadata:
            name: %s-%d
            namespace: default
            annotations: {%s: batch}
          spec:
            schedulerName: fareway
            containers: [{name: c, image: none}]
          """
              .formatted(prefix, i, Fareway.PRICE_CLASS));
    }
  }

  private long unbound() {
    return client.pods().inNamespace("default").list().getItems().stream()
        .filter(pod -> pod.getSpec().getNodeName() == null)
        .count();
  }

  private Map<String, Integer> holders() {
    var holders = new TreeMap<String, Integer>();
    client
        .leases()
        .inNamespace(LocalCluster.NAMESPACE)
        .withLabel("fareway.dev/lease", "shard")
        .list()
        .getItems()
        .forEach(
            lease ->
                holders.merge(
                    String.valueOf(lease.getSpec().getHolderIdentity()), 1, Integer::sum));
    return holders;
  }

  private ManagedProcess operator(String replica, FaultyDoor door) throws Exception {
    return OperatorReplica.start(
        replica,
        folder,
        door.kubeconfig(folder),
        FreePorts.find(2),
        Map.of(
            "FAREWAY_NAMESPACE",
            LocalCluster.NAMESPACE,
            "FAREWAY_SHARDS",
            "4",
            "FAREWAY_LEASES_DURATION",
            "PT6S"));
  }

  private static void signal(String name, long pid) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start().waitFor());
  }

  private void create(String yaml) {
    client.resource(yaml).create();
  }
}
