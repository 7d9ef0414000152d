package dev.fareway.operator;

import dev.fareway.operator.dispatcher.DispatcherServer;
import dev.fareway.operator.shard.ShardHost;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Starts and stops the parts that are not a container's own, in their order. */
@ApplicationScoped
public class Lifecycle {
  private final ShardHost shards;
  private final DispatcherServer dispatchers;
  private final MeterRegistry registry;
  private final String version;

  Lifecycle(
      ShardHost shards,
      DispatcherServer dispatchers,
      MeterRegistry registry,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.shards = shards;
    this.dispatchers = dispatchers;
    this.registry = registry;
    this.version = version;
  }

  void start(@Observes StartupEvent event) throws IOException {
    registry.gauge(
        "fareway.build.info",
        io.micrometer.core.instrument.Tags.of("component", "operator", "version", version),
        1);
    shards.start();
    dispatchers.start();
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    dispatchers.stop();
    shards.stop();
  }

  @Produces
  @Singleton
  Clock clock() {
    return Clock.systemUTC();
  }
}
