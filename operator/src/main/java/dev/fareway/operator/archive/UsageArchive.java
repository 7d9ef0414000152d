package dev.fareway.operator.archive;

import dev.fareway.operator.OperatorConfig;
import dev.fareway.operator.shard.ShardHost;
import dev.fareway.operator.usage.NodesAhead;
import dev.fareway.operator.usage.UsageIndex;
import dev.fareway.operator.usage.UsageWatch;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Archives past months, on the replica that leads: looks every few minutes, on a thread of its own,
 * and writes at a bounded rate.
 */
@ApplicationScoped
public class UsageArchive {
  private static final Logger LOG = Logger.getLogger(UsageArchive.class);
  private static final int STOP_SECONDS = 10;
  private static final int SAID = 20;

  private final OperatorConfig.Archive config;
  private final Clock clock;
  private final UsageWatch watch;
  private final ShardHost shards;
  private final Archivist archivist;
  private final Counter failures;
  private final AtomicInteger late = new AtomicInteger();
  private final AtomicInteger unreported = new AtomicInteger();
  private final AtomicInteger ahead = new AtomicInteger();
  private Set<String> saidUnreported = Set.of();
  private List<String> saidAhead = List.of();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("archive").daemon().factory());

  UsageArchive(
      KubernetesClient client,
      OperatorConfig config,
      Clock clock,
      UsageIndex index,
      UsageWatch watch,
      ShardHost shards,
      MeterRegistry registry) {
    this.config = config.archive();
    this.clock = clock;
    this.watch = watch;
    this.shards = shards;
    this.archivist = new Archivist(new KubernetesArchive(client, index), this::next);
    this.failures =
        Counter.builder("fareway.archive.failures")
            .description("Attempts to archive past months that failed; they are tried again")
            .register(registry);
    registry.gauge("fareway.archive.late.objects", late);
    registry.gauge("fareway.archive.unreported.namespaces", unreported);
    registry.gauge("fareway.usage.nodes.ahead", ahead);
  }

  /** Starts. */
  public void start() {
    long first = Math.min(5_000, config.period().toMillis());
    var _ =
        thread.scheduleWithFixedDelay(
            this::pass, first, config.period().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends, after the write under way. */
  public void stop() throws InterruptedException {
    thread.shutdownNow();
    if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("Archiving has not ended in time");
    }
  }

  private boolean next() throws InterruptedException {
    Thread.sleep(Math.max(1, 1000 / config.writesPerSecond()));
    return shards.leads();
  }

  private void pass() {
    if (!watch.isSynced() || !shards.leads()) {
      return;
    }
    try {
      Instant now = clock.instant();
      sayAhead(NodesAhead.of(watch.all(), now));
      archivist.pass(now);
      if (late.getAndSet(archivist.late()) != archivist.late() && archivist.late() > 0) {
        LOG.errorf(
            "%d NodeUsage objects of past months were written after the months were archived: they are in no report, and"
                + " are kept. The clock of their node may be wrong",
            archivist.late());
      }
      sayUnreported(archivist.unreported());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ArchiveException e) {
      failures.increment();
      LOG.warnf("Archiving goes on in %s: %s", config.period(), e.getMessage());
    } catch (RuntimeException e) {
      failures.increment();
      LOG.error("Archiving failed; it is tried again", e);
    }
  }

  private void sayAhead(List<String> nodes) {
    ahead.set(nodes.size());
    if (!nodes.equals(saidAhead) && !nodes.isEmpty()) {
      LOG.errorf(
          "Nodes have charged to a month to come, which no budget counts until then: %s. Set their clocks right",
          some(nodes));
    }
    saidAhead = List.copyOf(nodes);
  }

  private static String some(Collection<String> names) {
    return String.join(", ", names.stream().limit(SAID).toList())
        + (names.size() > SAID ? " and others" : "");
  }

  private void sayUnreported(Set<String> now) {
    unreported.set(now.size());
    if (!now.equals(saidUnreported) && !now.isEmpty()) {
      LOG.errorf(
          "Usage of %s is in no UsageReport: its sum does not fit into 64 bits, or it was written after the month was"
              + " archived. All NodeUsage objects that it is in are kept: bill it by hand and delete them",
          some(now));
    }
    saidUnreported = Set.copyOf(now);
  }
}
