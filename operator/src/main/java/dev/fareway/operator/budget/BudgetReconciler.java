package dev.fareway.operator.budget;

import dev.fareway.crds.AheadAction;
import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetState;
import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.Money;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.Selection;
import dev.fareway.operator.OperatorConfig;
import dev.fareway.operator.budget.BudgetPods.Kind;
import dev.fareway.operator.budget.BudgetProblems.Problem;
import dev.fareway.operator.shard.ShardHost;
import dev.fareway.operator.usage.UsageIndex;
import dev.fareway.operator.usage.UsageWatch;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Judges each budget every few seconds from what the nodes have counted, writes its status, warns,
 * and tells the guard of this replica's shards what its state demands; {@link BudgetTeller} brings
 * it to the nodes.
 *
 * <p>Every replica judges, since each needs it for its own shards; the one that leads writes.
 */
@ControllerConfiguration(name = "budgets")
public class BudgetReconciler implements Reconciler<Budget> {
  private static final Logger LOG = Logger.getLogger(BudgetReconciler.class);
  private static final String READY = "Ready";
  private static final Duration NOT_YET = Duration.ofSeconds(1);

  private final KubernetesClient client;
  private final Clock clock;
  private final OperatorConfig config;
  private final UsageWatch watch;
  private final UsageIndex index;
  private final BudgetPods pods;
  private final BudgetGuard guard;
  private final ShardHost shards;
  private final BudgetMetrics metrics;
  private final BudgetEvents events;
  private final Map<String, Memory> memories = new ConcurrentHashMap<>();
  private final RecentlyGone gone = new RecentlyGone();
  private @Nullable InformerEventSource<PriceClass, Budget> priceClasses;

  /** What is kept of a budget between two looks; all of it can be missed. */
  private static final class Memory {
    final SpendingRate rate = new SpendingRate();
    String period = "";

    /** Functions that were seen to be selected last: those without a pod now, too. */
    final Set<String> members = ConcurrentHashMap.newKeySet();

    /** Functions that have a pod that is selected now. */
    volatile Set<String> functions = Set.of();

    final StatusPace pace;

    Memory(StatusPace pace) {
      this.pace = pace;
    }
  }

  BudgetReconciler(
      KubernetesClient client,
      Clock clock,
      OperatorConfig config,
      UsageWatch watch,
      UsageIndex index,
      BudgetPods pods,
      BudgetGuard guard,
      ShardHost shards,
      BudgetMetrics metrics) {
    this.client = client;
    this.clock = clock;
    this.config = config;
    this.watch = watch;
    this.index = index;
    this.pods = pods;
    this.guard = guard;
    this.shards = shards;
    this.metrics = metrics;
    this.events = new BudgetEvents(client, config.replica().orElse("operator"));
  }

  @Override
  public List<EventSource<?, Budget>> prepareEventSources(EventSourceContext<Budget> context) {
    var source =
        new InformerEventSource<PriceClass, Budget>(
            InformerEventSourceConfiguration.from(PriceClass.class, Budget.class)
                .withName("price-classes-of-budgets")
                .withSecondaryToPrimaryMapper(_ -> Set.of())
                .build(),
            context);
    priceClasses = source;
    watchDeletions();
    return List.of(source);
  }

  /** Without a finalizer nobody else tells of a budget that is gone. */
  private void watchDeletions() {
    var informer = client.resources(Budget.class).inAnyNamespace().runnableInformer(0);
    informer.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(Budget now) {}

          @Override
          public void onUpdate(Budget before, Budget now) {}

          @Override
          public void onDelete(Budget deleted, boolean unknown) {
            String namespace = deleted.getMetadata().getNamespace();
            String name = deleted.getMetadata().getName();
            gone.add(deleted.getMetadata().getUid());
            forget(namespace, name);
          }
        });
    informer.exceptionHandler((_, _) -> true);
    var _ = informer.start();
  }

  private void forget(String namespace, String name) {
    memories.remove(namespace + "/" + name);
    metrics.remove(namespace, name);
    if (guard.put(namespace, name, null)) {
      shards.reconsider(namespace);
    }
  }

  @Override
  public UpdateControl<Budget> reconcile(Budget budget, Context<Budget> context) {
    if (!watch.isSynced() || !shards.isSynced()) {
      return UpdateControl.<Budget>noUpdate().rescheduleAfter(NOT_YET);
    }
    Instant now = clock.instant();
    String namespace = budget.getMetadata().getNamespace();
    Memory memory =
        memories.computeIfAbsent(
            key(budget), key -> new Memory(new StatusPace(config.budget().statusPeriod(), key)));
    remember(budget, memory);
    List<Kind> there = pods.kinds(namespace);
    List<Kind> selected = selected(budget, there);
    memory.functions = selected.stream().map(Kind::function).collect(Collectors.toSet());
    memory.members.addAll(memory.functions);
    // The selector, or the function's labels, were changed.
    there.stream()
        .map(Kind::function)
        .filter(function -> !memory.functions.contains(function))
        .forEach(memory.members::remove);

    Optional<Problem> problem =
        BudgetProblems.of(
                budget,
                prices(),
                selected.stream()
                    .map(Kind::priceClass)
                    .filter(named -> !named.isEmpty())
                    .collect(Collectors.toSet()))
            .or(() -> overlap(budget, memory.functions, context));
    BudgetStatus status;
    if (problem.filter(Problem::stops).isPresent()) {
      status = unjudged(budget, problem.get(), now);
    } else {
      status = judged(budget, memory, problem, now);
    }
    inForce(budget, status, now);
    if (status.spent() != null && problem.filter(Problem::stops).isEmpty()) {
      metrics.update(namespace, budget.getMetadata().getName(), limitOf(budget), status);
    }
    if (gone.contains(budget.getMetadata().getUid())) {
      // It was deleted while it was judged: nobody would take back what was just put in force.
      forget(namespace, budget.getMetadata().getName());
      return UpdateControl.noUpdate();
    }
    // Each replica needs the figures for its own shards; one writes them.
    if (!shards.leads() || !memory.pace.isDue(budget.getStatus(), status, now)) {
      return UpdateControl.<Budget>noUpdate().rescheduleAfter(config.budget().period());
    }
    budget.setStatus(status);
    return UpdateControl.patchStatus(budget).rescheduleAfter(config.budget().period());
  }

  private static String key(Budget budget) {
    return budget.getMetadata().getNamespace() + "/" + budget.getMetadata().getName();
  }

  /** Who counted before a restart counts on. */
  private static void remember(Budget budget, Memory memory) {
    BudgetStatus before = budget.getStatus();
    if (before != null && before.period() != null && !before.period().equals(memory.period)) {
      memory.period = before.period();
      before.byFunction().forEach(of -> memory.members.add(of.function()));
    }
  }

  private static List<Kind> selected(Budget budget, List<Kind> there) {
    return there.stream()
        .filter(kind -> Selection.matches(budget.getSpec().selector(), kind.labels()))
        .toList();
  }

  private Map<String, Long> prices() {
    var prices = new HashMap<String, Long>();
    if (priceClasses != null) {
      priceClasses
          .list()
          .forEach(
              of -> {
                try {
                  prices.put(
                      of.getMetadata().getName(), of.getSpec().price().nanoUnitsPerCpuSecond());
                } catch (IllegalArgumentException e) {
                  LOG.debugf("PriceClass %s has no price", of.getMetadata().getName());
                }
              });
    }
    return prices;
  }

  private Optional<Problem> overlap(Budget budget, Set<String> functions, Context<Budget> context) {
    var others = new HashMap<Budget, Set<String>>();
    context
        .getPrimaryCache()
        .list(budget.getMetadata().getNamespace())
        .filter(other -> !other.getMetadata().getName().equals(budget.getMetadata().getName()))
        .forEach(
            // As it was when the other was looked at last: to select anew would take too long.
            other -> {
              Memory of = memories.get(key(other));
              others.put(other, of == null ? Set.of() : of.functions);
            });
    return others.isEmpty() ? Optional.empty() : BudgetProblems.overlap(budget, functions, others);
  }

  private BudgetStatus judged(
      Budget budget, Memory memory, Optional<Problem> problem, Instant now) {
    String namespace = budget.getMetadata().getNamespace();
    boolean all = Selection.isAll(budget.getSpec().selector());
    Predicate<String> selects = function -> all || memory.members.contains(function);
    BudgetAccount.Result result;
    try {
      result =
          BudgetAccount.compute(
              budget,
              now,
              month -> index.of(month, namespace, selects),
              selects,
              (period, spent) -> rate(memory, period, spent, now));
    } catch (ArithmeticException e) {
      return BudgetAccount.overflowed(
          budget,
          now,
          condition(
              budget,
              false,
              "Overflow",
              "What was spent is more than %s nano-units, and more than any spec.monthlyLimit: choose lower prices, or a larger currency unit"
                  .formatted(Long.MAX_VALUE),
              now));
    }
    BudgetStatus status = result.status();
    warn(budget, result, now);
    String message =
        "%s of %s spent in %s (%s)."
            .formatted(
                status.spent(), limitOf(budget), status.period(), budget.getSpec().timeZone());
    Condition ready =
        condition(
            budget,
            problem.isEmpty(),
            problem.map(Problem::reason).orElse(String.valueOf(status.state())),
            problem.map(of -> of.message() + ". " + message).orElse(message),
            now);
    return with(status, List.of(ready));
  }

  private static OptionalLong rate(Memory memory, String period, Money spent, Instant now) {
    if (!period.equals(memory.period)) {
      memory.period = period;
    }
    memory.rate.add(now, spent.nanoUnits());
    return memory.rate.hourly(now, spent.nanoUnits());
  }

  /** What can't be judged has nothing in force; its last figures stay. */
  private BudgetStatus unjudged(Budget budget, Problem problem, Instant now) {
    BudgetStatus before = budget.getStatus();
    List<Condition> conditions =
        List.of(condition(budget, false, problem.reason(), problem.message(), now));
    return before == null
        ? new BudgetStatus(
            null,
            null,
            null,
            null,
            AheadAction.NONE,
            0,
            0,
            List.of(),
            null,
            List.of(),
            List.of(),
            conditions)
        : new BudgetStatus(
            before.period(),
            before.spent(),
            before.forecast(),
            before.state(),
            AheadAction.NONE,
            before.cpuSeconds(),
            before.memoryGiBSeconds(),
            before.warned(),
            before.opening(),
            before.byFunction(),
            before.byPriceClass(),
            conditions);
  }

  private static BudgetStatus with(BudgetStatus of, List<Condition> conditions) {
    return new BudgetStatus(
        of.period(),
        of.spent(),
        of.forecast(),
        of.state(),
        of.action(),
        of.cpuSeconds(),
        of.memoryGiBSeconds(),
        of.warned(),
        of.opening(),
        of.byFunction(),
        of.byPriceClass(),
        conditions);
  }

  private void warn(Budget budget, BudgetAccount.Result result, Instant now) {
    if (!shards.leads()) {
      return;
    }
    BudgetStatus status = result.status();
    for (int percent : result.newWarnings()) {
      events.write(
          budget,
          status.period() + "." + percent,
          true,
          "BudgetSpent",
          "%d%% of the budget for %s is spent: %s of %s. Forecast for the month: %s."
              .formatted(
                  percent,
                  status.period(),
                  status.spent(),
                  limitOf(budget),
                  status.forecast() == null ? "beyond measure" : status.forecast()),
          now);
    }
    BudgetState before = budget.getStatus() == null ? null : budget.getStatus().state();
    if (before != status.state() && (before != null || status.state() != BudgetState.WITHIN)) {
      boolean worse = status.state() != BudgetState.WITHIN;
      events.write(
          budget,
          "%s.%s.%d"
              .formatted(
                  status.period(),
                  status.state(),
                  now.truncatedTo(ChronoUnit.MINUTES).getEpochSecond()),
          worse,
          "Budget" + status.state(),
          "%s of %s spent in %s; in force for its functions: %s."
              .formatted(status.spent(), limitOf(budget), status.period(), status.action()),
          now);
    }
  }

  private static Money limitOf(Budget budget) {
    return budget.getSpec().limit();
  }

  private void inForce(Budget budget, BudgetStatus status, Instant now) {
    var meta = budget.getMetadata();
    BudgetAction action =
        BudgetAction.of(
                budget,
                status,
                prices(),
                new BudgetAction.Options(
                    config.budget().aheadCpuMillis(),
                    config.budget().exhaustedCpuMillis(),
                    config.budget().evictBeyond()))
            .orElse(null);
    boolean isNew =
        guard.put(
            meta.getNamespace(),
            meta.getName(),
            action == null
                ? null
                : new BudgetGuard.InForce(meta.getName(), budget.getSpec().selector(), action));
    if (!isNew) {
      return;
    }
    LOG.infof(
        "Budget %s is %s: in force for its functions: %s",
        key(budget), status.state(), status.action());
    shards.reconsider(meta.getNamespace());
    if (action instanceof BudgetAction.Throttle(String _, int _, boolean evict)
        && evict
        && shards.leads()) {
      events.write(
          budget,
          status.period() + ".evicts",
          true,
          "BudgetEvicts",
          "%s of %s spent in %s, though its instances are throttled: those that Fareway places are evicted, and new ones wait."
              .formatted(status.spent(), limitOf(budget), status.period()),
          now);
    }
  }

  private static Condition condition(
      Budget budget, boolean status, String reason, String message, Instant now) {
    Condition before =
        budget.getStatus() == null
            ? null
            : budget.getStatus().conditions().stream()
                .filter(of -> READY.equals(of.getType()))
                .findFirst()
                .orElse(null);
    String value = status ? "True" : "False";
    return new ConditionBuilder()
        .withType(READY)
        .withObservedGeneration(budget.getMetadata().getGeneration())
        .withStatus(value)
        .withReason(reason)
        .withMessage(message)
        .withLastTransitionTime(
            before != null
                    && value.equals(before.getStatus())
                    && before.getLastTransitionTime() != null
                ? before.getLastTransitionTime()
                : now.truncatedTo(ChronoUnit.SECONDS).toString())
        .build();
  }
}
