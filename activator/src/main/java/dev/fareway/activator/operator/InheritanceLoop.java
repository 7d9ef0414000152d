package dev.fareway.activator.operator;

import dev.fareway.activator.core.Inheritance;
import dev.fareway.activator.core.Invocation;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.scheduler.core.PriceTable;
import io.vertx.core.Vertx;

/** Lets {@link Inheritance} act whenever something is to be said. All on the proxy's event loop. */
public final class InheritanceLoop {
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final Inheritance inheritance;
  private final Inheritance.Words words;
  private long timer = NO_TIMER;
  private long timerNanos;

  /** A loop that tells by these words. */
  public InheritanceLoop(Vertx vertx, PriceTable classes, Inheritance.Words words) {
    this.vertx = vertx;
    this.inheritance = new Inheritance(classes);
    this.words = words;
  }

  /** An invocation runs on a pod from now on. */
  public void started(Invocation invocation, PodAddress pod, String ownClass) {
    if (inheritance.started(pod.uid(), ownClass, invocation)) {
      act();
    }
  }

  /** It no longer does. */
  public void stopped(Invocation invocation, PodAddress pod) {
    if (inheritance.stopped(pod.uid(), invocation, System.nanoTime())) {
      act();
    }
  }

  /** Nothing of what was said is known any more. */
  public void again() {
    inheritance.again();
    act();
  }

  /** How many pods are raised. */
  public int raised() {
    return inheritance.raised();
  }

  private void act() {
    long now = System.nanoTime();
    long left = inheritance.act(now, words);
    if (left == Long.MAX_VALUE || (timer != NO_TIMER && timerNanos - now <= left)) {
      // A timer that comes too early finds nothing to do, and is cheaper than one set anew.
      return;
    }
    if (timer != NO_TIMER) {
      vertx.cancelTimer(timer);
    }
    timerNanos = now + left;
    timer =
        vertx.setTimer(
            Math.ceilDiv(left, 1_000_000L),
            fired -> {
              timer = NO_TIMER;
              act();
            });
  }
}
