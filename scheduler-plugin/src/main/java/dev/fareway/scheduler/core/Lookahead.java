package dev.fareway.scheduler.core;

import java.util.random.RandomGenerator;

/**
 * What the next decisions by power of k draw first, drawn for several of them at once: which nodes
 * are drawn depends on nothing that is decided before, so all of them can be read together. Not
 * thread-safe.
 */
final class Lookahead {
  /** So many decisions' nodes stay in the nearest caches until their turn. */
  private static final int DECISIONS = 32;

  private final int k;
  private final RandomGenerator random;

  /** 32 random bits a draw, {@link #k} draws a decision. */
  private final int[] draws;

  private int next;

  private final long[] weights;
  private final Prefetch prefetch;

  Lookahead(int k, RandomGenerator random) {
    this.k = k;
    this.random = random;
    this.draws = new int[DECISIONS * k];
    this.next = draws.length;
    this.weights = new long[draws.length];
    this.prefetch = new Prefetch(draws.length);
  }

  /** Begins the next decision, whose k draws {@link #draw} gives. */
  void begin(Eligibility eligibility) {
    if (next == draws.length) {
      for (int i = 0; i < draws.length; i++) {
        draws[i] = random.nextInt();
      }
      fetch(eligibility);
      next = 0;
    }
  }

  /** A number from 0 to {@code size} - 1, each as likely as any other but for one in 2³² / size. */
  int draw(int size) {
    return number(draws[next++], size);
  }

  private void fetch(Eligibility eligibility) {
    int size = eligibility.size();
    long reachable = 0;
    for (int i = 0; i < draws.length; i++) {
      int number = number(draws[i], size);
      int group = eligibility.groupOf(number);
      int position = eligibility.positionIn(group, number);
      weights[i] = eligibility.groups[group].weightAt(position);
      reachable |= eligibility.groups[group].briefAt(position);
    }
    prefetch.read(
        Brief.isReachable(reachable)
            ? putAll(eligibility, size)
            : putLeastLoaded(eligibility, size));
  }

  /** Nodes that are asked for their load are all looked at. */
  private int putAll(Eligibility eligibility, int size) {
    for (int i = 0; i < draws.length; i++) {
      prefetch.nodes[i] = eligibility.at(number(draws[i], size));
    }
    return draws.length;
  }

  /** Of those that are not asked, only the one that is likely to be chosen. */
  private int putLeastLoaded(Eligibility eligibility, int size) {
    for (int decision = 0; decision < DECISIONS; decision++) {
      int best = decision * k;
      for (int i = best + 1; i < (decision + 1) * k; i++) {
        best = weights[i] < weights[best] ? i : best;
      }
      prefetch.nodes[decision] = eligibility.at(number(draws[best], size));
    }
    return DECISIONS;
  }

  private static int number(int draw, int size) {
    return (int) ((Integer.toUnsignedLong(draw) * size) >>> 32);
  }
}
