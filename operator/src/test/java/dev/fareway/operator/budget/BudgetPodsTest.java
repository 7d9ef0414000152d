package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.Fareway;
import dev.fareway.operator.budget.BudgetPods.Kind;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BudgetPodsTest {
  private final BudgetPods pods = new BudgetPods();

  private static Pod pod(String namespace, String uid, String priceClass, String phase) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(uid)
        .withUid(uid)
        .addToLabels("serving.knative.dev/service", "cart")
        .addToLabels("team", priceClass)
        .addToAnnotations(Fareway.PRICE_CLASS, priceClass)
        .endMetadata()
        .withNewSpec()
        .withSchedulerName(Fareway.SCHEDULER_NAME)
        .endSpec()
        .withNewStatus()
        .withPhase(phase)
        .endStatus()
        .build();
  }

  @Test
  void podsAlike_areOneKind_asLongAsOneIsLeft() {
    pods.podChanged(pod("shop", "a", "dear", "Running"));
    pods.podChanged(pod("shop", "b", "dear", "Running"));
    pods.podChanged(pod("shop", "b", "dear", "Running"));
    assertEquals(
        List.of(
            new Kind(
                "cart", Map.of("serving.knative.dev/service", "cart", "team", "dear"), "dear")),
        pods.kinds("shop"));

    pods.podDeleted("shop", "a");
    pods.podDeleted("shop", "a");
    assertEquals(1, pods.kinds("shop").size());
    pods.podChanged(pod("shop", "b", "dear", "Succeeded"));
    assertEquals(List.of(), pods.kinds("shop"));
    assertEquals(Set.of(), pods.namespaces());
  }

  /** Whatever comes in whichever order: the kinds are those of the pods that there are. */
  @Test
  void kinds_areThoseOfThePods_overARandomRun() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    var truth = new HashMap<String, Map<String, String>>();
    int seen = 0;
    for (int step = 0; step < 5000; step++) {
      String namespace = "ns" + random.nextInt(3);
      String uid = namespace + "-" + random.nextInt(8);
      Map<String, String> there = truth.computeIfAbsent(namespace, _ -> new HashMap<>());
      switch (random.nextInt(3)) {
        case 0 -> {
          pods.podDeleted(namespace, uid);
          there.remove(uid);
        }
        case 1 -> {
          pods.podChanged(pod(namespace, uid, "dear", "Failed"));
          there.remove(uid);
        }
        default -> {
          String priceClass = "class" + random.nextInt(4);
          pods.podChanged(pod(namespace, uid, priceClass, "Running"));
          there.put(uid, priceClass);
        }
      }
      var kinds = new HashSet<String>();
      pods.kinds(namespace).forEach(kind -> kinds.add(kind.priceClass()));
      assertEquals(Set.copyOf(there.values()), kinds, "seed " + seed + ", step " + step);
      assertEquals(there.size(), pods.of(namespace).size());
      seen = Math.max(seen, kinds.size());
    }
    assertTrue(seen > 2, "too little happened");
  }
}
