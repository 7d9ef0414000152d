package dev.fareway.operator.budget;

import dev.fareway.crds.Fareway;
import dev.fareway.operator.OperatorConfig;
import dev.fareway.operator.budget.BudgetOrders.Order;
import dev.fareway.operator.budget.BudgetPods.FunctionInstance;
import dev.fareway.operator.shard.Evictions;
import dev.fareway.operator.shard.ShardHost;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Tells the nodes what budgets have in force for their pods, by the pods' annotations, and evicts
 * what still spends beyond its budget. It compares what is with what should be, again and again,
 * and writes the difference at a bounded rate; only the replica that leads does.
 *
 * <p>One thread, {@code budgets}, decides; the writes of a round go side by side and are waited
 * for.
 */
@ApplicationScoped
public class BudgetTeller {
  private static final Logger LOG = Logger.getLogger(BudgetTeller.class);
  private static final int ROUNDS_A_SECOND = 5;
  private static final long ROUND_MILLIS = 1000 / ROUNDS_A_SECOND;
  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** So long the watch has to tell of what was written, before it is written again. */
  private static final long TOLD_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * So long a pod is left alone that a disruption budget protects, or that could not be evicted.
   */
  private static final long PROTECTED_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int STOP_SECONDS = 10;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final KubernetesClient client;
  private final OperatorConfig.Budget config;
  private final BudgetPods pods;
  private final BudgetGuard guard;
  private final ShardHost shards;
  private final Counter told;
  private final Counter evicted;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("budgets").daemon().factory());
  private final ExecutorService writes =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("budget-write-", 0).factory());

  /** Namespaces whose pods may have to be told; the thread's own, as all below. */
  private final Set<String> open = new HashSet<>();

  /** Until when a pod is not told, or not evicted, again: by what is done and its UID. */
  private final Map<String, Long> notBefore = new HashMap<>();

  private long nextSweep = System.nanoTime();
  private long pausedUntil = System.nanoTime();
  private int failures;
  private boolean led;

  BudgetTeller(
      KubernetesClient client,
      OperatorConfig config,
      BudgetPods pods,
      BudgetGuard guard,
      ShardHost shards,
      MeterRegistry registry) {
    this.client = client;
    this.config = config.budget();
    this.pods = pods;
    this.guard = guard;
    this.shards = shards;
    this.told =
        Counter.builder("fareway.budget.pods.told")
            .description("Pods whose annotation was set to what budgets have in force")
            .register(registry);
    this.evicted =
        Counter.builder("fareway.budget.pods.evicted")
            .description("Pods that were evicted because they spent beyond an exhausted budget")
            .register(registry);
    registry.gauge("fareway.budget.pods.untold", waiting);
  }

  /** Starts. */
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::safeRound, ROUND_MILLIS, ROUND_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Ends, after the writes under way. */
  public void stop() throws InterruptedException {
    thread.shutdown();
    if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
      thread.shutdownNow();
    }
    writes.shutdownNow();
  }

  private void safeRound() {
    try {
      round();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("Telling nodes of budgets failed; going on", e);
    }
  }

  private void round() throws InterruptedException {
    var changed = new HashSet<>(pods.takeChanged());
    changed.addAll(guard.takeChanged());
    if (!shards.isSynced() || !shards.leads()) {
      led = false;
      return;
    }
    long now = System.nanoTime();
    open.addAll(changed);
    if (!led || now - nextSweep >= 0) {
      led = true;
      nextSweep = now + SWEEP_NANOS;
      open.addAll(pods.namespaces());
      notBefore.values().removeIf(until -> now - until >= 0);
    }
    if (now - pausedUntil < 0) {
      return;
    }
    List<Order> due = due(now);
    waiting.set(due.size());
    carryOut(due.subList(0, Math.min(due.size(), most())), now);
  }

  private int most() {
    return Math.max(1, config.podWritesPerSecond() / ROUNDS_A_SECOND);
  }

  private List<Order> due(long now) {
    var due = new ArrayList<Order>();
    for (String namespace : Set.copyOf(open)) {
      List<Order> orders =
          BudgetOrders.of(pods.of(namespace), kind -> guard.inForce(namespace, kind.labels()));
      if (orders.isEmpty()) {
        open.remove(namespace);
      }
      orders.stream()
          .filter(order -> now - notBefore.getOrDefault(key(order), now) >= 0)
          .forEach(due::add);
    }
    return due;
  }

  private static String key(Order order) {
    return switch (order) {
      case Order.Tell tell -> tell.mark().text() + "@" + tell.pod().uid();
      case Order.Evict evict -> "evict@" + evict.pod().uid();
    };
  }

  private void carryOut(List<Order> orders, long now) throws InterruptedException {
    var calls = new ArrayList<Callable<Boolean>>();
    for (Order order : orders) {
      switch (order) {
        case Order.Tell tell -> {
          notBefore.put(key(order), now + TOLD_NANOS);
          calls.add(() -> tell(tell));
        }
        case Order.Evict(FunctionInstance pod) -> {
          notBefore.put(key(order), now + PROTECTED_NANOS);
          calls.add(() -> evict(pod));
        }
      }
    }
    boolean allDone = true;
    for (Future<Boolean> done : writes.invokeAll(calls)) {
      try {
        allDone &= done.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    if (!orders.isEmpty()) {
      failures = allDone ? 0 : failures + 1;
      pausedUntil =
          failures == 0
              ? now
              : now
                  + Math.min(
                      MAX_PAUSE_NANOS, TimeUnit.SECONDS.toNanos(1L << Math.min(5, failures - 1)));
    }
  }

  /** Whether the API server answered. */
  private boolean tell(Order.Tell order) {
    FunctionInstance pod = order.pod();
    String text = order.mark().text();
    String value = text.isEmpty() ? "null" : "\"" + text + "\"";
    try {
      client
          .pods()
          .inNamespace(pod.namespace())
          .withName(pod.name())
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"metadata\":{\"uid\":\"%s\",\"annotations\":{\"%s\":%s}}}"
                  .formatted(pod.uid(), Fareway.BUDGET, value));
      told.increment();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == NOT_FOUND || e.getCode() == CONFLICT) {
        // Gone, or another of that name.
        return true;
      }
      LOG.warnf(
          "Pod %s/%s is not yet told of its budget: %s",
          pod.namespace(), pod.name(), e.getMessage());
      return false;
    }
  }

  private boolean evict(FunctionInstance pod) {
    try {
      boolean leaves =
          client
              .pods()
              .inNamespace(pod.namespace())
              .withName(pod.name())
              .evict(Evictions.of(pod.namespace(), pod.name(), pod.uid()));
      if (leaves) {
        evicted.increment();
        LOG.infof(
            "Pod %s/%s is evicted: it spends beyond its exhausted budget",
            pod.namespace(), pod.name());
      } else {
        LOG.infof(
            "Pod %s/%s spends beyond its exhausted budget, but a PodDisruptionBudget protects it",
            pod.namespace(), pod.name());
      }
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == NOT_FOUND || e.getCode() == CONFLICT) {
        return true;
      }
      LOG.warnf("Pod %s/%s is not yet evicted: %s", pod.namespace(), pod.name(), e.getMessage());
      return false;
    }
  }
}
