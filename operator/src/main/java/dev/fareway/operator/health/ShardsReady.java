package dev.fareway.operator.health;

import dev.fareway.operator.dispatcher.DispatcherSessions;
import dev.fareway.operator.shard.ShardHost;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the shards know the cluster. */
@Readiness
public class ShardsReady implements HealthCheck {
  private final ShardHost shards;
  private final DispatcherSessions sessions;

  ShardsReady(ShardHost shards, DispatcherSessions sessions) {
    this.shards = shards;
    this.sessions = sessions;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("shards")
        .status(shards.isReady())
        .withData("shards", shards.shards().size())
        .withData("dispatchers", sessions.size())
        .build();
  }
}
