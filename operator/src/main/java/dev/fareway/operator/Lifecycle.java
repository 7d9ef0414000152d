package dev.fareway.operator;

import dev.fareway.operator.admission.AdmissionRepair;
import dev.fareway.operator.admission.Webhook;
import dev.fareway.operator.archive.UsageArchive;
import dev.fareway.operator.budget.BudgetTeller;
import dev.fareway.operator.certificates.Certificates;
import dev.fareway.operator.console.ConsoleServer;
import dev.fareway.operator.dispatcher.DispatcherServer;
import dev.fareway.operator.shard.ShardHost;
import dev.fareway.operator.usage.CostMetrics;
import dev.fareway.operator.usage.UsageWatch;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.io.IOException;
import java.time.Clock;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Starts and stops the parts that are not a container's own, in their order. */
@ApplicationScoped
public class Lifecycle {
  private final KubernetesClient client;
  private final Certificates certificates;
  private final UsageWatch usage;
  private final CostMetrics costs;
  private final ShardHost shards;
  private final BudgetTeller budgets;
  private final UsageArchive archive;
  private final DispatcherServer dispatchers;
  private final Webhook webhook;
  private final AdmissionRepair repair;
  private final ConsoleServer console;
  private final MeterRegistry registry;
  private final String version;

  Lifecycle(
      KubernetesClient client,
      Certificates certificates,
      UsageWatch usage,
      CostMetrics costs,
      ShardHost shards,
      BudgetTeller budgets,
      UsageArchive archive,
      DispatcherServer dispatchers,
      Webhook webhook,
      AdmissionRepair repair,
      ConsoleServer console,
      MeterRegistry registry,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.client = client;
    this.certificates = certificates;
    this.usage = usage;
    this.costs = costs;
    this.shards = shards;
    this.budgets = budgets;
    this.archive = archive;
    this.dispatchers = dispatchers;
    this.webhook = webhook;
    this.repair = repair;
    this.console = console;
    this.registry = registry;
    this.version = version;
  }

  void start(@Observes StartupEvent event) throws IOException, InterruptedException {
    registry.gauge(
        "fareway.build.info",
        io.micrometer.core.instrument.Tags.of("component", "operator", "version", version),
        1);
    SteadyCredentials.settle(client.getConfiguration());
    certificates.start();
    usage.start();
    costs.start();
    shards.start();
    budgets.start();
    archive.start();
    dispatchers.start();
    webhook.start();
    repair.start();
    console.start();
  }

  /** Before the operator SDK stops: it closes the client that Leases are given up with. */
  void stop(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) ShutdownEvent event)
      throws InterruptedException {
    console.stop();
    repair.stop();
    webhook.stop();
    dispatchers.stop();
    archive.stop();
    budgets.stop();
    shards.stop();
    costs.stop();
    usage.stop();
    certificates.stop();
  }

  /** Static: what this class starts needs it first. */
  @Produces
  @Singleton
  static Clock clock() {
    return Clock.systemUTC();
  }
}
