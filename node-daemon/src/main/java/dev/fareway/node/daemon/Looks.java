package dev.fareway.node.daemon;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When cgroups are looked at: at once when something is told of one, once however often it is told
 * meanwhile, and a few times more in the moments after; more often while a container is empty.
 *
 * <p>For the kernel tells that a process has entered by a thread that runs after all functions on
 * real time, and a container's threads come in its first moments, some of them from a process that
 * was not yet in its cgroup.
 */
final class Looks {
  /** When an empty container is looked at, from the first look on. */
  private static final long[] EMPTY_MILLIS = {1, 2, 4, 8, 16, 32, 100, 500, 2000};

  /** When one is that holds something, or a pod as a whole. */
  private static final long[] MILLIS = {20, 100, 500, 2000};

  /**
   * What is looked at.
   *
   * @param container the cgroup of a container of the pod; null: all of the pod's cgroups
   */
  record Subject(String uid, @Nullable Path container) {}

  /** Looks; on the thread of the looks. */
  interface Look {
    /**
     * Looks at something.
     *
     * @return whether there was nothing in it; false also for a pod as a whole
     */
    boolean findsNothing(Subject subject);
  }

  /**
   * Later looks at a subject.
   *
   * @param empty whether it is a container in which nothing was found yet
   * @param next which of them is the next
   */
  private record Series(boolean empty, int next) {
    boolean isOver() {
      return next == millis().length;
    }

    long waitMillis() {
      return next == 0 ? millis()[0] : millis()[next] - millis()[next - 1];
    }

    private long[] millis() {
      return empty ? EMPTY_MILLIS : MILLIS;
    }
  }

  private final ScheduledExecutorService thread;
  private final Look look;
  private final Set<Subject> told = ConcurrentHashMap.newKeySet();
  private final Queue<Subject> first = new ConcurrentLinkedQueue<>();

  /** The thread of the looks owns it. */
  private final Map<Subject, Series> series = new HashMap<>();

  /**
   * No looks yet.
   *
   * @param thread single; refuses nothing until it is shut down
   */
  Looks(ScheduledExecutorService thread, Look look) {
    this.thread = thread;
    this.look = look;
  }

  /** Something is told of a subject; on any thread. */
  void told(Subject subject) {
    if (!thread.isShutdown() && told.add(subject)) {
      first.add(subject);
      thread.execute(this::lookFirst);
    }
  }

  private void lookFirst() {
    for (Subject subject = first.poll(); subject != null; subject = first.poll()) {
      // Before the look: what is told from here on may come too late for it.
      told.remove(subject);
      boolean empty = look.findsNothing(subject);
      boolean waiting = series.containsKey(subject);
      series.put(subject, new Series(empty, 0));
      if (!waiting) {
        wait(subject);
      }
    }
  }

  private void lookLater(Subject subject) {
    // Who has not been looked at yet comes before who has.
    lookFirst();
    Series of = series.get(subject);
    if (of != null) {
      boolean empty = look.findsNothing(subject);
      series.put(subject, of.empty && !empty ? new Series(false, 0) : of);
      wait(subject);
    }
  }

  private void wait(Subject subject) {
    Series of = series.get(subject);
    if (of == null || of.isOver()) {
      series.remove(subject);
    } else if (!thread.isShutdown()) {
      series.put(subject, new Series(of.empty, of.next + 1));
      var _ = thread.schedule(() -> lookLater(subject), of.waitMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
