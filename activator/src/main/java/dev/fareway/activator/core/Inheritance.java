package dev.fareway.activator.core;

import dev.fareway.scheduler.core.PriceTable;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which pods run an invocation of a dearer class than their own, and what their nodes are to be
 * told of it: the highest class of each such pod, again and again while it lasts, and its end.
 *
 * <p>Of each pod only what its node was told last and what it should know are kept, so that what
 * waits to be said is bounded by the number of pods with invocations, however many of these come
 * and go meanwhile. A pod is raised at once, and lowered a little after: one that runs dear
 * invocations in close succession stays raised and costs no message but those that renew it.
 *
 * <p>Not thread-safe.
 */
public final class Inheritance {
  /** How long a pod stays raised without being told again: the longest that a node accepts. */
  public static final long FOR_NANOS = 1_000_000_000;

  /** Two words may be lost or late before a pod falls back. */
  static final long RENEW_NANOS = 300_000_000;

  static final long CALM_NANOS = 5_000_000;
  private static final long RETRY_NANOS = 20_000_000;
  private static final int NONE = -1;

  /** Port: tells the nodes. Neither waits; either may say that it can't take any more now. */
  public interface Words {
    /** This pod runs invocations of this class for {@link #FOR_NANOS}; whether it was taken. */
    boolean raise(String uid, String priceClass);

    /** This pod runs none of a dearer class than its own any more; whether it was taken. */
    boolean lower(String uid);
  }

  private final PriceTable classes;
  private final Map<String, Pod> pods = new HashMap<>();
  private final ArrayDeque<Pod> changed = new ArrayDeque<>();

  /** In the order of when they were told last. */
  private final LinkedHashSet<Pod> raised = new LinkedHashSet<>();

  /** By lane. */
  private @Nullable String[] names = {};

  /** Where no pod is raised. */
  public Inheritance(PriceTable classes) {
    this.classes = classes;
  }

  /**
   * An invocation runs on a pod from now on.
   *
   * @param uid the pod's UID; empty: not known, then nobody can be told of it
   * @param ownClass the pod's own class
   * @return whether there is something to say
   */
  public boolean started(String uid, String ownClass, Invocation invocation) {
    if (uid.isEmpty()) {
      return false;
    }
    int lane = invocation.lane();
    Pod pod = pods.get(uid);
    if (pod == null) {
      pod = new Pod(uid);
      pods.put(uid, pod);
    }
    if (lane >= pod.running.length) {
      pod.running = Arrays.copyOf(pod.running, Math.max(lane + 1, classes.size()));
    }
    if (lane >= names.length) {
      names = Arrays.copyOf(names, Math.max(lane + 1, classes.size()));
    }
    names[lane] = invocation.priceClass();
    pod.running[lane]++;
    pod.ownLane = classes.lane(ownClass);
    if (isDearer(lane, pod.ownLane) && isDearer(lane, pod.saidLane)) {
      changed(pod);
    }
    return !changed.isEmpty();
  }

  /**
   * It no longer does.
   *
   * @return whether there is something to say
   */
  public boolean stopped(String uid, Invocation invocation, long nowNanos) {
    Pod pod = pods.get(uid);
    int lane = invocation.lane();
    if (pod == null || lane >= pod.running.length || pod.running[lane] == 0) {
      return false;
    }
    pod.running[lane]--;
    if (pod.running[lane] == 0) {
      if (lane == pod.saidLane) {
        pod.calmNanos = nowNanos + CALM_NANOS;
        changed(pod);
      }
      forgetIfIdle(pod);
    }
    return !changed.isEmpty();
  }

  /** What was said is not known any more where it matters: all of it is to be said anew. */
  public void again() {
    for (Pod pod : raised) {
      pod.saidLane = NONE;
      changed(pod);
    }
    raised.clear();
  }

  /**
   * Says what is to be said now.
   *
   * @return after how many nanoseconds to come again if nothing happens before, more than 0; {@link
   *     Long#MAX_VALUE}: not at all
   */
  public long act(long nowNanos, Words words) {
    long next = Long.MAX_VALUE;
    for (int left = changed.size(); left > 0; left--) {
      Pod pod = changed.remove();
      int wanted = wanted(pod);
      if (wanted == pod.saidLane) {
        pod.isChanged = false;
        forgetIfIdle(pod);
      } else if (!isDearer(wanted, pod.saidLane) && nowNanos - pod.calmNanos < 0) {
        next = Math.min(next, pod.calmNanos - nowNanos);
        changed.add(pod);
      } else if (say(pod, wanted, nowNanos, words)) {
        pod.isChanged = false;
        forgetIfIdle(pod);
      } else {
        next = Math.min(next, RETRY_NANOS);
        changed.add(pod);
      }
    }
    while (!raised.isEmpty()) {
      Pod eldest = raised.getFirst();
      long left = eldest.saidNanos + RENEW_NANOS - nowNanos;
      if (left > 0) {
        next = Math.min(next, left);
        break;
      }
      if (!say(eldest, eldest.saidLane, nowNanos, words)) {
        next = Math.min(next, RETRY_NANOS);
        break;
      }
    }
    return next;
  }

  /** How many pods are raised now, as far as it was said. */
  public int raised() {
    return raised.size();
  }

  /** How many pods it keeps something of. */
  int known() {
    return pods.size();
  }

  private boolean say(Pod pod, int lane, long nowNanos, Words words) {
    String name = lane == NONE ? null : names[lane];
    if (!(name == null ? words.lower(pod.uid) : words.raise(pod.uid, name))) {
      return false;
    }
    pod.saidLane = lane;
    pod.saidNanos = nowNanos;
    // To the end of the order.
    raised.remove(pod);
    if (lane != NONE) {
      raised.add(pod);
    }
    return true;
  }

  /** The dearest class that it runs, if that is dearer than its own. */
  private int wanted(Pod pod) {
    int best = NONE;
    for (int lane = 0; lane < pod.running.length; lane++) {
      if (pod.running[lane] > 0 && isDearer(lane, pod.ownLane) && isDearer(lane, best)) {
        best = lane;
      }
    }
    return best;
  }

  private boolean isDearer(int lane, int than) {
    return (lane == NONE ? 0 : classes.price(lane)) > (than == NONE ? 0 : classes.price(than));
  }

  private void changed(Pod pod) {
    if (!pod.isChanged) {
      pod.isChanged = true;
      changed.add(pod);
    }
  }

  private void forgetIfIdle(Pod pod) {
    if (pod.isChanged || pod.saidLane != NONE) {
      return;
    }
    for (int count : pod.running) {
      if (count > 0) {
        return;
      }
    }
    pods.remove(pod.uid);
  }

  private static final class Pod {
    final String uid;

    /** How many invocations of each class it runs, by lane. */
    int[] running = {};

    int ownLane = NONE;

    /** What its node was told last. */
    int saidLane = NONE;

    long saidNanos;

    /** Not lowered before this. */
    long calmNanos;

    boolean isChanged;

    Pod(String uid) {
      this.uid = uid;
    }
  }
}
