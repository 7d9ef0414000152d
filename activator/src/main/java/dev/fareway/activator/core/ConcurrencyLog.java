package dev.fareway.activator.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How many requests of each function are in the activator over time, as Knative's autoscaler wants
 * to hear it: once a period the average concurrency and the number of arrivals of each function
 * that had any.
 *
 * <p>The first request of a function that was idle is reported at once, as a concurrency of 1, so
 * that it is scaled from zero without waiting for the period's end; what was said is taken off the
 * period's own report, so that nothing counts twice. A function that has become idle gets one
 * report of zero and is forgotten.
 *
 * <p>Example: a request that arrives in the middle of a period and stays: at once 1 and 1 arrival;
 * at the end of the period 0.5 and 0 arrivals; after the next one 1 and 0. Not thread-safe.
 */
public final class ConcurrencyLog {
  private final Map<RevisionKey, Counter> counters = new HashMap<>();

  /**
   * A request came in.
   *
   * @return true if it is to be reported at once, as concurrency 1 and 1 arrival
   */
  public boolean arrived(RevisionKey key, long nowNanos) {
    Counter counter = counters.get(key);
    boolean isFirst = counter == null;
    if (counter == null) {
      counter = new Counter(nowNanos);
      counters.put(key, counter);
    }
    counter.integrate(nowNanos);
    counter.present++;
    if (isFirst) {
      counter.saidConcurrency = 1;
    } else {
      counter.arrivals++;
    }
    return isFirst;
  }

  /** A request has ended, in whatever way. */
  public void ended(RevisionKey key, long nowNanos) {
    Counter counter = counters.get(key);
    if (counter != null && counter.present > 0) {
      counter.integrate(nowNanos);
      counter.present--;
    }
  }

  /** The period's reports; the next period begins. */
  public List<Report> report(long nowNanos) {
    var reports = new ArrayList<Report>(counters.size());
    counters
        .entrySet()
        .removeIf(
            entry -> {
              Counter counter = entry.getValue();
              reports.add(counter.report(entry.getKey(), nowNanos));
              return counter.isIdle();
            });
    return reports;
  }

  /** How many requests of a function are here now. */
  public int present(RevisionKey key) {
    Counter counter = counters.get(key);
    return counter == null ? 0 : counter.present;
  }

  /** The functions that have, or had in this period, a request here. */
  public Set<RevisionKey> keys() {
    return Collections.unmodifiableSet(counters.keySet());
  }

  /** How many functions have, or had in this period, a request here. */
  public int functions() {
    return counters.size();
  }

  /**
   * What is said of one function.
   *
   * @param key the function
   * @param concurrency its average concurrency, 0 or more
   * @param arrivals requests that came in
   */
  public record Report(RevisionKey key, double concurrency, int arrivals) {}

  private static final class Counter {
    int present;
    int arrivals;
    double saidConcurrency;
    boolean wasActive = true;
    private double integral;
    private long sinceNanos;
    private long periodStartNanos;

    Counter(long nowNanos) {
      sinceNanos = nowNanos;
      periodStartNanos = nowNanos;
    }

    void integrate(long nowNanos) {
      integral += (double) present * (double) (nowNanos - sinceNanos);
      sinceNanos = nowNanos;
    }

    /** Idle for a whole period, which was reported as zero. */
    boolean isIdle() {
      return !wasActive;
    }

    Report report(RevisionKey key, long nowNanos) {
      integrate(nowNanos);
      long length = nowNanos - periodStartNanos;
      double average = length > 0 ? integral / (double) length : present;
      var report = new Report(key, Math.max(0, average - saidConcurrency), arrivals);
      wasActive = present > 0 || integral > 0 || arrivals > 0;
      integral = 0;
      arrivals = 0;
      saidConcurrency = 0;
      periodStartNanos = nowNanos;
      return report;
    }
  }
}
