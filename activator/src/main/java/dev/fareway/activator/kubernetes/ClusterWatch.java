package dev.fareway.activator.kubernetes;

import dev.fareway.activator.core.NodeLimits;
import dev.fareway.activator.proxy.Proxy;
import dev.fareway.crds.AheadAction;
import dev.fareway.crds.Budget;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.Selection;
import dev.fareway.scheduler.core.PricedClass;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches what all functions share: the price classes, the nodes and the budgets. */
public final class ClusterWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterWatch.class);
  private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

  private final KubernetesClient client;
  private final Proxy proxy;
  private final Executor loop;
  private final NodeLimits limits;
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();

  // Touched on the event loop only.
  private final Map<String, PricedClass> classes = new HashMap<>();
  private final Map<String, Boolean> defaults = new HashMap<>();
  private final Map<String, Integer> milliCpus = new HashMap<>();

  /**
   * A watch that is not started yet.
   *
   * @param loop runs what it is given on the proxy's event loop, in order
   * @param limits how many invocations a node runs at once
   */
  public ClusterWatch(KubernetesClient client, Proxy proxy, Executor loop, NodeLimits limits) {
    this.client = client;
    this.proxy = proxy;
    this.loop = loop;
    this.limits = limits;
  }

  /** Starts watching; done once all has been listed. */
  public CompletableFuture<Void> start() {
    informers.add(
        client
            .resources(PriceClass.class)
            .runnableInformer(0)
            .addEventHandler(new EventHandler<>(this::priceClass, this::priceClassGone)));
    informers.add(
        client
            .resources(Budget.class)
            .inAnyNamespace()
            .runnableInformer(0)
            .itemStore(new LeanStore<>(Budget::new))
            .addEventHandler(new EventHandler<>(this::budget, this::budgetGone)));
    if (limits.isLimited()) {
      informers.add(
          client
              .nodes()
              .runnableInformer(0)
              .itemStore(new LeanStore<>(Node::new))
              .addEventHandler(new EventHandler<>(this::node, this::nodeGone)));
    }
    return CompletableFuture.allOf(
        informers.stream()
            .map(informer -> informer.start().toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::stop);
  }

  private void priceClass(PriceClass priceClass) {
    String name = priceClass.getMetadata().getName();
    try {
      var priced = new PricedClass(name, priceClass.getSpec().price().nanoUnitsPerCpuSecond());
      boolean isDefault = priceClass.getSpec().isDefault();
      loop.execute(
          () -> {
            classes.put(name, priced);
            defaults.put(name, isDefault);
            publishClasses();
          });
    } catch (IllegalArgumentException | ArithmeticException malformed) {
      LOG.warn("Price class {} is left out: {}", name, malformed.getMessage());
    }
  }

  private void priceClassGone(PriceClass priceClass) {
    String name = priceClass.getMetadata().getName();
    loop.execute(
        () -> {
          classes.remove(name);
          defaults.remove(name);
          publishClasses();
        });
  }

  private void budget(Budget budget) {
    String namespace = budget.getMetadata().getNamespace();
    String name = budget.getMetadata().getName();
    boolean isThrottling =
        budget.getStatus() != null && budget.getStatus().action() == AheadAction.THROTTLE;
    if (!isThrottling || budget.getSpec() == null) {
      loop.execute(() -> proxy.budgets().release(namespace, name));
      return;
    }
    LabelSelector selector = budget.getSpec().selector();
    loop.execute(
        () ->
            proxy
                .budgets()
                .throttle(
                    namespace,
                    name,
                    function -> Selection.matches(selector, KnativeReader.labels(function))));
  }

  private void budgetGone(Budget budget) {
    String namespace = budget.getMetadata().getNamespace();
    String name = budget.getMetadata().getName();
    loop.execute(() -> proxy.budgets().release(namespace, name));
  }

  private void publishClasses() {
    String byDefault =
        defaults.entrySet().stream()
            .filter(Map.Entry::getValue)
            .map(Map.Entry::getKey)
            .min(String::compareTo)
            .orElse(null);
    proxy.classes(List.copyOf(classes.values()), byDefault);
  }

  private void node(Node node) {
    String name = node.getMetadata().getName();
    Quantity cpu =
        node.getStatus() == null || node.getStatus().getAllocatable() == null
            ? null
            : node.getStatus().getAllocatable().get("cpu");
    if (cpu == null) {
      return;
    }
    int milli = cpu.getNumericalAmount().multiply(BigDecimal.valueOf(1000)).min(NANOS).intValue();
    loop.execute(
        () -> {
          Integer before = milliCpus.put(name, milli);
          if (before == null || before != milli) {
            publishNodes();
          }
        });
  }

  private void nodeGone(Node node) {
    String name = node.getMetadata().getName();
    loop.execute(
        () -> {
          milliCpus.remove(name);
          publishNodes();
        });
  }

  private void publishNodes() {
    var byNode = new HashMap<String, Integer>();
    milliCpus.forEach((name, milli) -> byNode.put(name, limits.of(milli)));
    proxy.scheduler().nodes(byNode, System.nanoTime());
  }
}
