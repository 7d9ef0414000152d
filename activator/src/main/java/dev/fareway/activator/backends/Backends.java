package dev.fareway.activator.backends;

import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.PodShares;
import dev.fareway.activator.core.RevisionKey;
import dev.fareway.activator.proxy.Directory;
import dev.fareway.activator.proxy.Proxy;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All functions with their pods: tells the scheduler of those that answer, and of this activator's
 * share of them.
 *
 * <p>A pod is asked until it answers, each period again; after that Kubernetes' word counts, until
 * a request can't reach it or it stops being ready. Where no pod can be reached but the function's
 * Service can, requests go there. To be used on the proxy's event loop.
 */
public final class Backends implements Directory {
  private final Prober prober;
  private final Map<RevisionKey, Entry> entries = new HashMap<>();

  /** Those with pods that have not answered yet. */
  private final Set<Entry> unsettled = new HashSet<>();

  private @Nullable Proxy proxy;

  /** With what asks a pod, and how often. */
  public Backends(Vertx vertx, Prober prober, Duration period) {
    this.prober = prober;
    vertx.setPeriodic(period.toMillis(), timer -> probeAll());
  }

  /** The proxy to tell; before anything else. */
  public void tell(Proxy newProxy) {
    proxy = newProxy;
  }

  @Override
  public @Nullable FunctionSettings find(RevisionKey key) {
    Entry entry = entries.get(key);
    return entry == null ? null : entry.settings;
  }

  /** A function is there, or has changed. */
  public void function(FunctionSettings settings) {
    Entry entry = entry(settings.key());
    FunctionSettings before = entry.settings;
    entry.settings = settings;
    if (before == null || before.concurrency() != settings.concurrency()) {
      publish(entry);
    }
  }

  /** A function was deleted. */
  public void functionGone(RevisionKey key) {
    Entry entry = entries.get(key);
    if (entry != null) {
      entry.settings = null;
      scheduler(each -> each.scheduler().remove(key, System.nanoTime()));
      forgetIfEmpty(entry);
    }
  }

  /** A function's pods, all of them. */
  public void pods(RevisionKey key, Collection<Candidate> candidates) {
    Entry entry = entry(key);
    var stillReady = new HashSet<PodAddress>();
    var all = new HashSet<PodAddress>();
    for (Candidate candidate : candidates) {
      all.add(candidate.pod());
      if (candidate.isReady()) {
        stillReady.add(candidate.pod());
      }
    }
    // One that was ready and no longer is has to answer again.
    for (Candidate before : entry.candidates) {
      if (before.isReady() && !stillReady.contains(before.pod())) {
        entry.healthy.remove(before.pod());
      }
    }
    entry.healthy.retainAll(all);
    entry.candidates = List.copyOf(candidates);
    settle(entry);
    publish(entry);
    forgetIfEmpty(entry);
  }

  /** The Service in front of a function's pods, for where they can't be reached; or none. */
  public void service(RevisionKey key, Optional<PodAddress> address) {
    entry(key).service = address.orElse(null);
  }

  /**
   * The activators that serve a function.
   *
   * @param self this one's place among them; negative if it is not among them
   * @param count how many there are
   */
  public void activators(RevisionKey key, int self, int count) {
    Entry entry = entry(key);
    if (entry.self != self || entry.activators != Math.max(1, count)) {
      entry.self = self;
      entry.activators = Math.max(1, count);
      publish(entry);
    }
  }

  /** A pod could not be reached: it has to answer again. */
  public void unreachable(RevisionKey key, PodAddress pod) {
    Entry entry = entries.get(key);
    if (entry != null && entry.healthy.remove(pod)) {
      settle(entry);
    }
    if (entry != null && pod.equals(entry.service)) {
      entry.isServiceUsed = false;
      settle(entry);
    }
  }

  /** How many functions it knows. */
  public int size() {
    return entries.size();
  }

  private Entry entry(RevisionKey key) {
    return entries.computeIfAbsent(key, Entry::new);
  }

  private void forgetIfEmpty(Entry entry) {
    if (entry.settings == null && entry.candidates.isEmpty()) {
      entries.remove(entry.key);
      unsettled.remove(entry);
    }
  }

  private void settle(Entry entry) {
    if (entry.healthy.size() < entry.candidates.size()) {
      if (unsettled.add(entry)) {
        probe(entry);
      }
    } else {
      unsettled.remove(entry);
    }
  }

  private void probeAll() {
    List.copyOf(unsettled).forEach(this::probe);
  }

  private void probe(Entry entry) {
    if (entry.probes > 0) {
      return;
    }
    var missing = new ArrayList<PodAddress>();
    for (Candidate candidate : entry.candidates) {
      if (!entry.healthy.contains(candidate.pod())) {
        missing.add(candidate.pod());
      }
    }
    entry.probes = missing.size();
    for (PodAddress pod : missing) {
      prober
          .isReady(pod)
          .onComplete(
              answered -> {
                entry.probes--;
                if (answered.succeeded() && answered.result() && isCandidate(entry, pod)) {
                  entry.healthy.add(pod);
                  publish(entry);
                  settle(entry);
                } else if (entry.probes == 0 && entry.healthy.isEmpty()) {
                  tryService(entry);
                }
              });
    }
  }

  /** No pod has answered: perhaps they can be reached through their Service only. */
  private void tryService(Entry entry) {
    PodAddress service = entry.service;
    if (service == null || entry.candidates.stream().noneMatch(Candidate::isReady)) {
      return;
    }
    prober
        .isReady(service)
        .onComplete(
            answered -> {
              boolean isUsed = answered.succeeded() && answered.result() && entry.healthy.isEmpty();
              if (isUsed != entry.isServiceUsed) {
                entry.isServiceUsed = isUsed;
                publish(entry);
              }
            });
  }

  private static boolean isCandidate(Entry entry, PodAddress pod) {
    return entry.candidates.stream().anyMatch(each -> each.pod().equals(pod));
  }

  private void publish(Entry entry) {
    FunctionSettings settings = entry.settings;
    if (settings == null) {
      return;
    }
    long now = System.nanoTime();
    if (entry.healthy.isEmpty() && entry.isServiceUsed && entry.service != null) {
      // One address for all pods: it takes what they take together.
      int ready = (int) entry.candidates.stream().filter(Candidate::isReady).count();
      int concurrency = settings.concurrency() * Math.max(1, ready);
      PodAddress service = entry.service;
      scheduler(
          each ->
              each.scheduler()
                  .pods(entry.key, PodShares.of(List.of(service), concurrency, 0, 1), now));
    } else {
      entry.isServiceUsed = false;
      scheduler(
          each ->
              each.scheduler()
                  .pods(
                      entry.key,
                      PodShares.of(
                          entry.healthy, settings.concurrency(), entry.self, entry.activators),
                      now));
    }
  }

  private void scheduler(Consumer<Proxy> action) {
    if (proxy != null) {
      action.accept(proxy);
    }
  }

  private static final class Entry {
    final RevisionKey key;
    final Set<PodAddress> healthy = new HashSet<>(2);
    @Nullable FunctionSettings settings;
    List<Candidate> candidates = List.of();
    @Nullable PodAddress service;
    boolean isServiceUsed;
    int self = -1;
    int activators = 1;
    int probes;

    Entry(RevisionKey key) {
      this.key = key;
    }
  }
}
