package dev.fareway.activator.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * How the pods of one function are divided among the activators that serve it, so that each can
 * admit up to what pods allow without asking the others.
 *
 * <p>Each activator gets as many pods for itself as can be given to all alike; those left over are
 * shared, each with its concurrency divided by the number of activators, rounded up. Example: 7
 * pods of concurrency 10 and 3 activators: 2 pods each with 10, and 1 pod that takes 4 from each.
 * The sum may exceed a shared pod's concurrency by the rounding: its queue-proxy holds that back.
 */
public final class PodShares {
  private static final Comparator<PodAddress> BY_ADDRESS =
      Comparator.comparing(PodAddress::host).thenComparingInt(PodAddress::port);

  private PodShares() {}

  /**
   * The share of one activator.
   *
   * @param pods the ready pods
   * @param concurrency how many invocations a pod takes at once; 0: no limit
   * @param self the place of this activator in their common order, from 0; negative: it is not
   *     among them, and takes all for the time being
   * @param activators how many activators serve the function, 1 or more
   */
  public static List<PodShare> of(
      Collection<PodAddress> pods, int concurrency, int self, int activators) {
    if (concurrency < 0 || activators < 1 || self >= activators) {
      throw new IllegalArgumentException(
          "concurrency %d, activator %d of %d".formatted(concurrency, self, activators));
    }
    int whole = concurrency == 0 ? PodShare.UNLIMITED : concurrency;
    var shares = new ArrayList<PodShare>();
    if (self < 0 || activators == 1) {
      pods.forEach(pod -> shares.add(new PodShare(pod, whole)));
      return shares;
    }
    int divided = concurrency == 0 ? whole : (concurrency + activators - 1) / activators;
    List<PodAddress> sorted = pods.stream().sorted(BY_ADDRESS).toList();
    int own = sorted.size() / activators * activators;
    for (int i = 0; i < sorted.size(); i++) {
      if (i >= own) {
        shares.add(new PodShare(sorted.get(i), divided));
      } else if (i % activators == self) {
        shares.add(new PodShare(sorted.get(i), whole));
      }
    }
    return shares;
  }
}
