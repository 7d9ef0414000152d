package dev.fareway.activator.backends;

import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.PodShares;
import dev.fareway.activator.core.RevisionKey;
import dev.fareway.activator.proxy.Directory;
import dev.fareway.activator.proxy.Proxy;
import dev.fareway.activator.tls.Names;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All functions with their pods: tells the scheduler of those that answer, and of this activator's
 * share of them.
 *
 * <p>A pod is asked until it answers, each period again; after that Kubernetes' word counts, until
 * a request can't reach it or it stops being ready. Where no pod can be reached but the function's
 * Service can, requests go there. To be used on the proxy's event loop.
 */
public final class Backends implements Directory {
  private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

  private final Prober prober;
  private final Map<RevisionKey, Entry> entries = new HashMap<>();

  /** Those with pods that have not answered yet. */
  private final Set<Entry> unsettled = new HashSet<>();

  private @Nullable Proxy proxy;
  private boolean isSecure;

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

  /**
   * Whether pods are spoken to by TLS from now on. With another answer than before, every pod has
   * to answer again, in the way in which requests will come; until then requests wait.
   */
  public void secure(boolean now) {
    if (isSecure != now) {
      isSecure = now;
      for (Entry entry : List.copyOf(entries.values())) {
        entry.healthy.clear();
        entry.isServiceUsed = false;
        entry.candidates = reached(entry, entry.told);
        publish(entry);
        settle(entry);
      }
    }
  }

  /** A function is there, or has changed. */
  public void function(FunctionSettings settings) {
    Entry entry = entry(settings.key());
    FunctionSettings before = entry.settings;
    entry.settings = settings;
    if (before == null || before.concurrency() != settings.concurrency()) {
      publish(entry);
    }
    if (before == null) {
      // Which pods may be asked is known only now.
      settle(entry);
      if (unsettled.contains(entry)) {
        probe(entry);
      }
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
    entry.told = List.copyOf(candidates);
    List<Candidate> now = reached(entry, entry.told);
    var stillReady = new HashSet<PodAddress>();
    var all = new HashSet<PodAddress>();
    for (Candidate candidate : now) {
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
    entry.candidates = now;
    settle(entry);
    publish(entry);
    forgetIfEmpty(entry);
  }

  /** The Service in front of a function's pods, for where they can't be reached; or none. */
  public void service(RevisionKey key, Optional<Candidate> address) {
    entry(key).service = address.orElse(null);
  }

  /** Candidates as requests reach them: in clear text, or by TLS. */
  private List<Candidate> reached(Entry entry, List<Candidate> candidates) {
    if (!isSecure) {
      return candidates;
    }
    String name = Names.ofQueueProxies(entry.key.namespace());
    return candidates.stream().map(each -> each.secured(name)).toList();
  }

  private @Nullable PodAddress service(Entry entry) {
    Candidate service = entry.service;
    return service == null ? null : reached(entry, List.of(service)).getFirst().pod();
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
    if (entry != null && entry.isServiceUsed && pod.equals(service(entry))) {
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
      if (!entry.healthy.contains(candidate.pod()) && mayBeAsked(entry, candidate)) {
        missing.add(candidate.pod());
      }
    }
    entry.probes = missing.size();
    for (PodAddress pod : missing) {
      prober
          .whyNotReady(pod)
          .onSuccess(
              why -> {
                entry.probes--;
                if (why.isEmpty() && isCandidate(entry, pod)) {
                  entry.healthy.add(pod);
                  entry.complaint = "";
                  publish(entry);
                  settle(entry);
                  return;
                }
                complain(entry, pod, why);
                if (entry.probes == 0 && entry.healthy.isEmpty()) {
                  tryService(entry);
                }
              });
    }
  }

  /**
   * By TLS a ready pod that does not answer is no matter of its start: it says who it is wrongly,
   * or was started before TLS was switched on. Said once until another one answers.
   */
  private static void complain(Entry entry, PodAddress pod, String why) {
    LOG.debug("{}: its pod at {} takes no requests: {}", entry.key, pod, why);
    if (pod.isSecure()
        && !why.isEmpty()
        && !why.equals(entry.complaint)
        && entry.candidates.stream().anyMatch(each -> each.isReady() && each.pod().equals(pod))) {
      entry.complaint = why;
      LOG.warn(
          "{}: its pod at {} is ready and gets no requests by TLS: {}; a pod that was started before system-internal-tls"
              + " was on has no certificate until Knative's controller rolls it out anew",
          entry.key,
          pod,
          why);
    }
  }

  /** No pod has answered: perhaps they can be reached through their Service only. */
  private void tryService(Entry entry) {
    PodAddress service = service(entry);
    if (service == null || entry.candidates.stream().noneMatch(Candidate::isReady)) {
      return;
    }
    prober
        .whyNotReady(service)
        .onSuccess(
            why -> {
              boolean isUsed =
                  why.isEmpty() && entry.healthy.isEmpty() && service.equals(service(entry));
              if (isUsed != entry.isServiceUsed) {
                entry.isServiceUsed = isUsed;
                publish(entry);
              }
            });
  }

  private static boolean mayBeAsked(Entry entry, Candidate candidate) {
    FunctionSettings settings = entry.settings;
    return settings != null && (candidate.isReady() || !settings.isReadyByKubernetesOnly());
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
    PodAddress service = entry.isServiceUsed ? service(entry) : null;
    if (entry.healthy.isEmpty() && service != null) {
      // One address for all pods: it takes what they take together.
      int ready = (int) entry.candidates.stream().filter(Candidate::isReady).count();
      int concurrency = settings.concurrency() * Math.max(1, ready);
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

    /** As the cluster says them. */
    List<Candidate> told = List.of();

    /** As requests reach them. */
    List<Candidate> candidates = List.of();

    @Nullable Candidate service;

    /** Why one of its pods gets no requests, as it was said last. */
    String complaint = "";

    boolean isServiceUsed;
    int self = -1;
    int activators = 1;
    int probes;

    Entry(RevisionKey key) {
      this.key = key;
    }
  }
}
