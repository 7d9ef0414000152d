package dev.fareway.operator.priceclass;

import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassStatus;
import dev.fareway.operator.priceclass.PriceClassRanking.Standing;
import dev.fareway.operator.priceclass.PriceClassRanking.Verdict;
import dev.fareway.operator.shard.ClassCounts;
import dev.fareway.operator.shard.ShardHost;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes the status of price classes: rank and what follows from it, how many instances there are,
 * what is wrong.
 *
 * <p>The rank of one class depends on the prices of all, so a change of any spec wakes all; there
 * are few, and a status is written only where it differs.
 */
@ControllerConfiguration(name = "price-classes")
public class PriceClassReconciler implements Reconciler<PriceClass> {
  private static final Duration COUNTS_PERIOD = Duration.ofSeconds(5);
  private static final String READY = "Ready";

  private final ShardHost shards;
  private final Clock clock;

  PriceClassReconciler(ShardHost shards, Clock clock) {
    this.shards = shards;
    this.clock = clock;
  }

  @Override
  public List<EventSource<?, PriceClass>> prepareEventSources(
      EventSourceContext<PriceClass> context) {
    var config =
        InformerEventSourceConfiguration.from(PriceClass.class, PriceClass.class)
            .withName("all-price-classes")
            .withSecondaryToPrimaryMapper(
                _ ->
                    context
                        .getPrimaryCache()
                        .list()
                        .map(ResourceID::fromResource)
                        .collect(Collectors.toSet()))
            .withOnUpdateFilter(
                (now, before) ->
                    !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration()))
            .build();
    return List.of(new InformerEventSource<>(config, context));
  }

  @Override
  public UpdateControl<PriceClass> reconcile(PriceClass priceClass, Context<PriceClass> context) {
    Map<String, Verdict> verdicts =
        PriceClassRanking.rank(context.getPrimaryCache().list().toList());
    Verdict verdict = verdicts.get(priceClass.getMetadata().getName());
    if (verdict == null) {
      return UpdateControl.<PriceClass>noUpdate().rescheduleAfter(COUNTS_PERIOD);
    }
    if (!shards.leads()) {
      return UpdateControl.<PriceClass>noUpdate().rescheduleAfter(COUNTS_PERIOD);
    }
    PriceClassStatus status = status(priceClass, verdict);
    if (status.equals(priceClass.getStatus())) {
      return UpdateControl.<PriceClass>noUpdate().rescheduleAfter(COUNTS_PERIOD);
    }
    priceClass.setStatus(status);
    return UpdateControl.patchStatus(priceClass).rescheduleAfter(COUNTS_PERIOD);
  }

  private PriceClassStatus status(PriceClass priceClass, Verdict verdict) {
    ClassCounts.Counts counts = shards.counts(priceClass.getMetadata().getName());
    Standing standing = verdict.standing().orElse(null);
    return new PriceClassStatus(
        standing == null ? null : standing.rank(),
        standing == null ? null : standing.realtimePriority(),
        standing == null ? null : standing.cpuWeight(),
        counts.functions(),
        counts.instances(),
        counts.queued(),
        List.of(ready(priceClass, verdict)));
  }

  private Condition ready(PriceClass priceClass, Verdict verdict) {
    Condition condition =
        new ConditionBuilder()
            .withType(READY)
            .withObservedGeneration(priceClass.getMetadata().getGeneration())
            .withStatus(verdict.problem().isEmpty() ? "True" : "False")
            .withReason(verdict.problem().map(PriceClassRanking.Problem::reason).orElse("Ranked"))
            .withMessage(
                verdict
                    .problem()
                    .map(PriceClassRanking.Problem::message)
                    .orElseGet(() -> "Rank %d.".formatted(verdict.standing().orElseThrow().rank())))
            .build();
    condition.setLastTransitionTime(transitionTime(before(priceClass), condition));
    return condition;
  }

  /** When the status last changed: kept while it doesn't. */
  private String transitionTime(@Nullable Condition before, Condition now) {
    return before != null
            && Objects.equals(before.getStatus(), now.getStatus())
            && before.getLastTransitionTime() != null
        ? before.getLastTransitionTime()
        : Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static @Nullable Condition before(PriceClass priceClass) {
    return priceClass.getStatus() == null
        ? null
        : priceClass.getStatus().conditions().stream()
            .filter(condition -> READY.equals(condition.getType()))
            .findFirst()
            .orElse(null);
  }
}
