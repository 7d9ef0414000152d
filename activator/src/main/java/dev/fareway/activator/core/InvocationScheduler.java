package dev.fareway.activator.core;

import dev.fareway.scheduler.core.PriceQueue;
import dev.fareway.scheduler.core.PriceTable;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler of invocations: admits at most what pods and nodes can run at once, and when that
 * is short, lets the one with the highest price × time waited go next, over all functions that
 * compete for the same node.
 *
 * <p>Two bounds hold for each invocation that runs: its pod's concurrency, and its node's. A pod's
 * room is its function's alone; a node's room is for all functions with pods there. So when an
 * invocation ends, the candidates are the heads of all functions that have a pod with room on its
 * node: these are scanned, one comparison a class and pod, since a node has some hundred pods at
 * most.
 *
 * <p>Invariants: no pod and no node runs more than its limit (it may for a while after the limit
 * was lowered); no one waits whose function has a pod with room on a node with room; at most as
 * many wait as the limits say, save those that came back from a pod which did not take them.
 *
 * <p>Not thread-safe.
 */
public final class InvocationScheduler {
  private final SchedulerLimits limits;
  private final InvocationSink sink;
  private final Map<RevisionKey, Function> functions = new HashMap<>();
  private final Map<String, NodeShare> nodes = new HashMap<>();
  private final PriceTable classes;
  private Map<String, Integer> nodeLimits = Map.of();

  /** By lane. */
  private WaitingClass[] waitingClasses = {};

  private int waiting;
  private int running;

  /**
   * A scheduler that knows no pod and no node yet.
   *
   * @param classes what the classes cost; it may change at any time
   * @param limits how it orders and bounds what waits
   * @param sink what it tells what to do
   */
  public InvocationScheduler(PriceTable classes, SchedulerLimits limits, InvocationSink sink) {
    this.classes = classes;
    this.limits = limits;
    this.sink = sink;
  }

  /**
   * Says how many invocations each node may run at once. Nodes that are not named have no limit.
   *
   * @param limitByNode 1 or more by the node's name
   */
  public void nodes(Map<String, Integer> limitByNode, long nowNanos) {
    nodeLimits = Map.copyOf(limitByNode);
    for (NodeShare node : nodes.values()) {
      node.limit = limitOf(node.name);
    }
    // Those with a limit first: after that, who still waits finds room only where there is none.
    List<NodeShare> all = List.copyOf(nodes.values());
    all.stream().filter(NodeShare::isLimited).forEach(node -> fill(node, nowNanos));
    all.stream()
        .filter(node -> !node.isLimited())
        .flatMap(node -> List.copyOf(node.backends).stream())
        .forEach(backend -> fill(backend.function, nowNanos));
  }

  /**
   * Says which pods of a function are ready. What runs on pods that are gone goes on there.
   *
   * @param shares each pod with what this activator may send it
   */
  public void pods(RevisionKey key, Collection<PodShare> shares, long nowNanos) {
    Function function = functions.get(key);
    if (function == null) {
      if (shares.isEmpty()) {
        return;
      }
      function = functionOf(key);
    }
    var wanted = new HashMap<PodAddress, PodShare>();
    shares.forEach(share -> wanted.put(share.pod(), share));
    for (Backend backend : List.copyOf(function.backends)) {
      PodShare share = wanted.remove(backend.address);
      if (share == null) {
        drop(backend);
      } else {
        backend.capacity = share.concurrency();
      }
    }
    for (PodShare share : wanted.values()) {
      add(share, function);
    }
    fill(function, nowNanos);
    forgetIfIdle(function);
  }

  /** Forgets a function that was deleted: who waits for it is turned away. */
  public void remove(RevisionKey key, long nowNanos) {
    Function function = functions.get(key);
    if (function == null) {
      return;
    }
    List.copyOf(function.backends).forEach(this::drop);
    if (function.queue != null) {
      Invocation next = function.queue.peek(nowNanos);
      while (next != null) {
        unqueue(next, function);
        refuse(next, Refusal.FUNCTION_GONE);
        next = function.queue == null ? null : function.queue.peek(nowNanos);
      }
    }
    forgetIfIdle(function);
  }

  /** A new invocation: it is sent to a pod, it waits, or it or a cheaper one is turned away. */
  public void arrive(Invocation invocation, long nowNanos) {
    Function function = functionOf(invocation.revision());
    invocation.function = function;
    Backend backend = function.choose();
    if (backend != null) {
      start(invocation, backend);
      return;
    }
    WaitingClass own = classOf(invocation);
    if (own.waiting >= limits.perClass()) {
      refuse(invocation, Refusal.CLASS_QUEUE_FULL);
    } else if (waiting < limits.total() || makeRoomFor(own)) {
      enqueue(invocation, function, own);
      return;
    } else {
      refuse(invocation, Refusal.QUEUE_FULL);
    }
    forgetIfIdle(function);
  }

  /** The end of an invocation, wherever it stands: done, failed, or given up by its caller. */
  public void end(Invocation invocation, long nowNanos) {
    Function function = invocation.function;
    if (function == null) {
      invocation.state = Invocation.State.ENDED;
      return;
    }
    switch (invocation.state) {
      case WAITING -> {
        unqueue(invocation, function);
        invocation.state = Invocation.State.ENDED;
      }
      case RUNNING -> {
        Backend backend = release(invocation);
        invocation.state = Invocation.State.ENDED;
        freed(backend, nowNanos);
      }
      case NEW, ENDED -> invocation.state = Invocation.State.ENDED;
    }
    forgetIfIdle(function);
  }

  /**
   * The pod did not take the invocation: it waits again, in the place of its age and whatever the
   * limits; the pod gets nothing until it is named again by {@link #pods}.
   */
  public void notTaken(Invocation invocation, long nowNanos) {
    Function function = invocation.function;
    if (function == null || invocation.state != Invocation.State.RUNNING) {
      throw new IllegalStateException("it does not run, it is " + invocation.state);
    }
    Backend backend = release(invocation);
    if (backend.present) {
      drop(backend);
    }
    enqueue(invocation, function, classOf(invocation));
    // Its place on the node first, where others may have the better claim; then pods elsewhere.
    freed(backend, nowNanos);
    fill(function, nowNanos);
  }

  /** How many wait, over all functions. */
  public int waiting() {
    return waiting;
  }

  /** How many wait in one class. */
  public int waiting(String priceClass) {
    int lane = classes.lane(priceClass);
    return lane < 0 || lane >= waitingClasses.length ? 0 : waitingClasses[lane].waiting;
  }

  /** How many wait for one function. */
  public int waiting(RevisionKey key) {
    Function function = functions.get(key);
    return function == null ? 0 : function.waiting();
  }

  /** How many run, over all functions. */
  public int running() {
    return running;
  }

  /** How many invocations of one function run. */
  public int running(RevisionKey key) {
    Function function = functions.get(key);
    return function == null ? 0 : function.running;
  }

  /** How many pods of one function are ready. */
  public int pods(RevisionKey key) {
    Function function = functions.get(key);
    return function == null ? 0 : function.backends.size();
  }

  /** How many functions it holds state for: those with pods, or with invocations. */
  public int functions() {
    return functions.size();
  }

  private Function functionOf(RevisionKey key) {
    return functions.computeIfAbsent(key, Function::new);
  }

  private int limitOf(String node) {
    return node.isEmpty()
        ? NodeShare.UNLIMITED
        : nodeLimits.getOrDefault(node, NodeShare.UNLIMITED);
  }

  /** Turns away the youngest of the cheapest class that waits, if that class is cheaper. */
  private boolean makeRoomFor(WaitingClass own) {
    WaitingClass cheapest = null;
    for (WaitingClass each : waitingClasses) {
      if (each.waiting > 0
          && price(each) < price(own)
          && (cheapest == null || price(each) < price(cheapest))) {
        cheapest = each;
      }
    }
    Invocation victim = cheapest == null ? null : cheapest.youngest;
    if (victim == null || victim.function == null) {
      return false;
    }
    Function function = victim.function;
    unqueue(victim, function);
    refuse(victim, Refusal.QUEUE_FULL);
    forgetIfIdle(function);
    return true;
  }

  private void refuse(Invocation invocation, Refusal why) {
    invocation.state = Invocation.State.ENDED;
    sink.refuse(invocation, why);
  }

  private void enqueue(Invocation invocation, Function function, WaitingClass own) {
    if (function.queue == null) {
      function.queue = new PriceQueue<>(limits.discipline(), classes);
    }
    // Making room for it may have emptied its function.
    functions.putIfAbsent(function.key, function);
    boolean isBack = invocation.state == Invocation.State.RUNNING;
    function.queue.add(invocation);
    own.add(invocation, isBack);
    invocation.state = Invocation.State.WAITING;
    waiting++;
  }

  private void unqueue(Invocation invocation, Function function) {
    if (function.queue == null) {
      throw new IllegalStateException("waits, but there is no queue");
    }
    function.queue.remove(invocation);
    classOf(invocation).remove(invocation);
    waiting--;
  }

  private void start(Invocation invocation, Backend backend) {
    backend.running++;
    backend.node.running++;
    backend.function.running++;
    running++;
    invocation.backend = backend;
    invocation.state = Invocation.State.RUNNING;
    sink.dispatch(invocation, backend.address);
  }

  private Backend release(Invocation invocation) {
    Backend backend = invocation.backend;
    if (backend == null) {
      throw new IllegalStateException("runs, but nowhere");
    }
    backend.running--;
    backend.node.running--;
    backend.function.running--;
    running--;
    invocation.backend = null;
    if (!backend.present && backend.running == 0) {
      backend.function.leaving.remove(backend);
    }
    return backend;
  }

  /** A place on this pod, and with it on its node, became free. */
  private void freed(Backend backend, long nowNanos) {
    if (backend.node.isLimited()) {
      fill(backend.node, nowNanos);
    } else {
      fill(backend.function, nowNanos);
    }
    forgetIfUnused(backend.node);
  }

  /** Lets those who wait for this function run while there is room for them. */
  private void fill(Function function, long nowNanos) {
    while (function.queue != null && function.queue.size() > 0) {
      Backend backend = function.choose();
      if (backend == null) {
        return;
      }
      startNext(function, backend, nowNanos);
    }
  }

  /** Lets the first in order run, over all functions with room on this node, while it has room. */
  private void fill(NodeShare node, long nowNanos) {
    while (node.hasRoom()) {
      Backend best = null;
      Invocation bestHead = null;
      for (Backend backend : node.backends) {
        Function function = backend.function;
        if (!backend.hasRoom() || function.queue == null) {
          continue;
        }
        if (best != null && function == best.function) {
          best = backend.running < best.running ? backend : best;
          continue;
        }
        Invocation head = function.queue.peek(nowNanos);
        if (head != null) {
          if (bestHead == null || function.queue.goesBefore(head, bestHead, nowNanos)) {
            best = backend;
            bestHead = head;
          }
        }
      }
      if (best == null) {
        return;
      }
      startNext(best.function, best, nowNanos);
    }
  }

  private void startNext(Function function, Backend backend, long nowNanos) {
    Invocation next = function.queue == null ? null : function.queue.peek(nowNanos);
    if (next == null) {
      throw new IllegalStateException("no one waits for " + function.key);
    }
    unqueue(next, function);
    start(next, backend);
  }

  private WaitingClass classOf(Invocation invocation) {
    int lane = invocation.lane();
    if (lane >= waitingClasses.length) {
      int before = waitingClasses.length;
      waitingClasses = Arrays.copyOf(waitingClasses, classes.size());
      Arrays.setAll(waitingClasses, i -> i < before ? waitingClasses[i] : new WaitingClass(i));
    }
    return waitingClasses[lane];
  }

  private long price(WaitingClass of) {
    return classes.price(of.lane);
  }

  private void add(PodShare share, Function function) {
    Backend backend = null;
    for (Backend left : function.leaving) {
      if (left.address.equals(share.pod())) {
        backend = left;
      }
    }
    if (backend == null) {
      NodeShare node =
          nodes.computeIfAbsent(share.pod().node(), name -> new NodeShare(name, limitOf(name)));
      backend = new Backend(share.pod(), function, node, share.concurrency());
    } else {
      function.leaving.remove(backend);
      backend.present = true;
      backend.capacity = share.concurrency();
    }
    function.backends.add(backend);
    backend.node.backends.add(backend);
  }

  private void drop(Backend backend) {
    backend.present = false;
    if (backend.running > 0) {
      backend.function.leaving.add(backend);
    }
    backend.function.backends.remove(backend);
    backend.node.backends.remove(backend);
    forgetIfUnused(backend.node);
  }

  private void forgetIfUnused(NodeShare node) {
    if (node.backends.isEmpty() && node.running == 0) {
      nodes.remove(node.name, node);
    }
  }

  private void forgetIfIdle(Function function) {
    if (function.running == 0 && function.waiting() == 0) {
      function.queue = null;
      if (function.isIdle()) {
        functions.remove(function.key, function);
      }
    }
  }

  /** A class with the list of those who wait in it over all functions, oldest first. */
  private static final class WaitingClass {
    final int lane;
    int waiting;
    @Nullable Invocation oldest;
    @Nullable Invocation youngest;

    WaitingClass(int lane) {
      this.lane = lane;
    }

    /** At the young end, or at the old end where it comes back from a pod. */
    void add(Invocation invocation, boolean isBack) {
      if (isBack) {
        invocation.younger = oldest;
        if (oldest != null) {
          oldest.older = invocation;
        } else {
          youngest = invocation;
        }
        oldest = invocation;
      } else {
        invocation.older = youngest;
        if (youngest != null) {
          youngest.younger = invocation;
        } else {
          oldest = invocation;
        }
        youngest = invocation;
      }
      waiting++;
    }

    void remove(Invocation invocation) {
      if (invocation.older != null) {
        invocation.older.younger = invocation.younger;
      } else {
        oldest = invocation.younger;
      }
      if (invocation.younger != null) {
        invocation.younger.older = invocation.older;
      } else {
        youngest = invocation.older;
      }
      invocation.older = null;
      invocation.younger = null;
      waiting--;
    }
  }
}
