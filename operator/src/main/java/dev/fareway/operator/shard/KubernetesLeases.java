package dev.fareway.operator.shard;

import dev.fareway.operator.shard.LeasePolicy.Seen;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Leases in the operator's namespace: {@code fareway-shard-N}, one a shard, and one a replica as
 * its sign of life. The number of shards, and whether placing is paused, stands in the ConfigMap
 * {@code fareway-scheduler}, if there is one.
 */
final class KubernetesLeases implements LeaseStore {
  private static final Logger LOG = Logger.getLogger(KubernetesLeases.class);
  private static final String LABEL = "fareway.dev/lease";
  private static final String ADDRESS = "fareway.dev/address";
  private static final String SHARD_PREFIX = "fareway-shard-";
  private static final String MEMBER_PREFIX = "fareway-replica-";
  private static final String CONFIG_MAP = "fareway-scheduler";
  private static final String SHARDS = "shards";
  private static final String PAUSED = "paused";
  private static final int MAX_SHARDS = 1_000;

  private final KubernetesClient client;
  private final Clock clock;
  private final String namespace;
  private final String replica;
  private final String address;
  private final Duration duration;
  private final int defaultShards;
  private String complained = "";

  /** As they were read last, by name: a write goes out from there. */
  private Map<String, Lease> read = Map.of();

  private volatile List<Replica> replicas = List.of();

  /**
   * The Leases of a namespace.
   *
   * @param address where this replica's dispatchers' port is reached, {@code host:port}
   * @param defaultShards how many shards there are if the ConfigMap does not say
   */
  KubernetesLeases(
      KubernetesClient client,
      Clock clock,
      String namespace,
      String replica,
      String address,
      Duration duration,
      int defaultShards) {
    this.client = client;
    this.clock = clock;
    this.namespace = namespace;
    this.replica = replica;
    this.address = address;
    this.duration = duration;
    this.defaultShards = defaultShards;
  }

  @Override
  public List<Seen> list() throws IOException {
    var now = new HashMap<String, Lease>();
    var seen = new ArrayList<Seen>();
    try {
      for (Lease lease :
          client.leases().inNamespace(namespace).withLabel(LABEL).list().getItems()) {
        String name = lease.getMetadata().getName();
        int shard = shardOf(name);
        if (shard != Integer.MIN_VALUE) {
          now.put(name, lease);
          seen.add(
              new Seen(
                  name,
                  shard,
                  lease.getSpec() == null
                      ? ""
                      : Objects.requireNonNullElse(lease.getSpec().getHolderIdentity(), ""),
                  lease.getMetadata().getResourceVersion()));
        }
      }
    } catch (KubernetesClientException e) {
      throw failed(e);
    }
    read = now;
    replicas = replicas(seen, now);
    return seen;
  }

  /** Who held which when they were read last. */
  List<Replica> replicas() {
    return replicas;
  }

  private static List<Replica> replicas(List<Seen> seen, Map<String, Lease> leases) {
    var shards = new TreeMap<String, List<Integer>>();
    var addresses = new HashMap<String, String>();
    for (Seen lease : seen) {
      if (lease.holder().isEmpty()) {
        continue;
      }
      List<Integer> held = shards.computeIfAbsent(lease.holder(), _ -> new ArrayList<>());
      if (lease.shard() != LeasePolicy.MEMBER) {
        held.add(lease.shard());
      }
      Lease read = leases.get(lease.name());
      Map<String, String> notes = read == null ? null : read.getMetadata().getAnnotations();
      if (notes != null && notes.containsKey(ADDRESS)) {
        addresses.put(lease.holder(), notes.get(ADDRESS));
      }
    }
    return shards.entrySet().stream()
        .map(
            of ->
                new Replica(
                    of.getKey(),
                    addresses.getOrDefault(of.getKey(), ""),
                    of.getValue().stream().sorted().toList()))
        .toList();
  }

  @Override
  public Settings settings() throws IOException {
    ConfigMap map;
    try {
      map = client.configMaps().inNamespace(namespace).withName(CONFIG_MAP).get();
    } catch (KubernetesClientException e) {
      throw failed(e);
    }
    Map<String, String> data = map == null || map.getData() == null ? Map.of() : map.getData();
    return new Settings(shards(data.get(SHARDS)), "true".equals(data.get(PAUSED)));
  }

  private int shards(@Nullable String text) {
    if (text == null) {
      return defaultShards;
    }
    try {
      int shards = Integer.parseInt(text.strip());
      if (shards >= 1 && shards <= MAX_SHARDS) {
        return shards;
      }
    } catch (NumberFormatException e) {
      LOG.debugf(e, "%s is no number", text);
    }
    if (!text.equals(complained)) {
      complained = text;
      LOG.warnf(
          "ConfigMap %s/%s: %s is '%s', it must be a number from 1 to %d; taking %d",
          namespace, CONFIG_MAP, SHARDS, text, MAX_SHARDS, defaultShards);
    }
    return defaultShards;
  }

  @Override
  public boolean create(int shard) throws IOException {
    String name = shard == LeasePolicy.MEMBER ? MEMBER_PREFIX + replica : SHARD_PREFIX + shard;
    Lease lease =
        new LeaseBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .addToLabels(LABEL, shard == LeasePolicy.MEMBER ? "replica" : "shard")
            .endMetadata()
            .withSpec(new LeaseSpec())
            .build();
    held(lease);
    try {
      client.leases().inNamespace(namespace).resource(lease).create();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == 409) {
        return false;
      }
      throw failed(e);
    }
  }

  @Override
  public boolean hold(Seen seen) throws IOException {
    return change(seen, this::held);
  }

  @Override
  public boolean giveUp(Seen seen) throws IOException {
    return change(
        seen,
        lease -> {
          lease.getSpec().setHolderIdentity(null);
          lease.getMetadata().getAnnotations().remove(ADDRESS);
        });
  }

  @Override
  public boolean delete(Seen seen) throws IOException {
    try {
      client
          .leases()
          .inNamespace(namespace)
          .withName(seen.name())
          .lockResourceVersion(seen.version())
          .delete();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == 409 || e.getCode() == 404) {
        return false;
      }
      throw failed(e);
    }
  }

  private boolean change(Seen seen, java.util.function.Consumer<Lease> change) throws IOException {
    Lease before = read.get(seen.name());
    if (before == null || !seen.version().equals(before.getMetadata().getResourceVersion())) {
      return false;
    }
    Lease lease = new LeaseBuilder(before).build();
    if (lease.getSpec() == null) {
      lease.setSpec(new LeaseSpec());
    }
    change.accept(lease);
    try {
      // With the version it was read in: refused if another replica was faster.
      client.leases().inNamespace(namespace).resource(lease).update();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == 409 || e.getCode() == 404) {
        return false;
      }
      throw failed(e);
    }
  }

  private void held(Lease lease) {
    LeaseSpec spec = lease.getSpec();
    ZonedDateTime now =
        ZonedDateTime.ofInstant(clock.instant(), ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    if (!replica.equals(spec.getHolderIdentity())) {
      spec.setLeaseTransitions(Objects.requireNonNullElse(spec.getLeaseTransitions(), 0) + 1);
      spec.setAcquireTime(now);
    }
    spec.setHolderIdentity(replica);
    spec.setLeaseDurationSeconds((int) duration.toSeconds());
    spec.setRenewTime(now);
    var annotations = new HashMap<String, String>();
    if (lease.getMetadata().getAnnotations() != null) {
      annotations.putAll(lease.getMetadata().getAnnotations());
    }
    annotations.put(ADDRESS, address);
    lease.getMetadata().setAnnotations(annotations);
  }

  private static int shardOf(String name) {
    if (name.startsWith(MEMBER_PREFIX)) {
      return LeasePolicy.MEMBER;
    }
    try {
      return name.startsWith(SHARD_PREFIX)
          ? Integer.parseUnsignedInt(name.substring(SHARD_PREFIX.length()))
          : Integer.MIN_VALUE;
    } catch (NumberFormatException e) {
      return Integer.MIN_VALUE;
    }
  }

  private static IOException failed(KubernetesClientException e) {
    return new IOException(e.getMessage(), e);
  }
}
