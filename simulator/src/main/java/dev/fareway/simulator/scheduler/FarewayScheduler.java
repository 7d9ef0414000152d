package dev.fareway.simulator.scheduler;

import dev.fareway.scheduler.core.Constraints;
import dev.fareway.scheduler.core.Instance;
import dev.fareway.scheduler.core.Load;
import dev.fareway.scheduler.core.Room;
import dev.fareway.scheduler.core.ShardAssignment;
import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Fareway: the shards that users install, hosted by the simulator in the operator's place. The API
 * server, the dispatchers' streams and the nodes are simulated; queue, idle list, power of k
 * choices, charging and the dispatchers' policy are the shipped code, unchanged. Each shard is a
 * replica of its own and knows of the machines only what they told it.
 *
 * <p>A function is an instance that is placed once and runs once: Fareway on Kubernetes places
 * instances, the paper's simulator places invocations; here they are one.
 */
final class FarewayScheduler implements Scheduler {
  /** A shard has decided. Subject: kind × {@link #STRIDE} + index. */
  private static final int DECIDE = 0;

  /** The loads of a poll are read on the machines. */
  private static final int ASK = 1;

  /** The loads of a poll are back at the shard. */
  private static final int ANSWER = 2;

  /** A dispatcher's sign of life is due. */
  private static final int DISPATCH = 3;

  private static final int STRIDE = 1 << 28;
  private static final long DISPATCH_NANOS = 1_000_000_000L;

  private final Simulation simulation;
  private final FarewayOptions options;
  private final long memoryBytes;
  private final String[] nodeNames;
  private final String[] classNames;
  private final ShardHost[] shards;
  private final @Nullable Dispatchers dispatchers;

  /** By row: the UID under which its shard knows it. */
  private String[] uids = new String[256];

  /**
   * A scheduler without functions.
   *
   * @param memoryBytes memory of a machine
   * @param random for the shards
   * @param dispatcherRandom for the dispatchers
   */
  FarewayScheduler(
      Simulation simulation,
      FarewayOptions options,
      long memoryBytes,
      RandomGenerator random,
      RandomGenerator dispatcherRandom) {
    this.simulation = simulation;
    this.options = options;
    this.memoryBytes = memoryBytes;
    this.nodeNames = new String[simulation.machines()];
    Arrays.setAll(nodeNames, machine -> "node-" + machine);
    this.classNames = new String[options.pricesNanoUnits().size()];
    Arrays.setAll(classNames, rank -> "class-" + rank);
    this.shards = new ShardHost[options.shards()];
    for (int i = 0; i < shards.length; i++) {
      shards[i] = new ShardHost(this, i, options, nodeNames, classNames, random);
    }
    if (options.idleList()) {
      dispatchers = new Dispatchers(this, shards, options, nodeNames.length, dispatcherRandom);
      for (int machine = 0; machine < nodeNames.length; machine++) {
        // They are there before the first function, and give signs of life each at its own time.
        dispatchers.act(machine);
        long first = DISPATCH_NANOS * machine / nodeNames.length;
        simulation.later(first, DISPATCH * STRIDE + machine, 0);
      }
    } else {
      dispatchers = null;
    }
  }

  @Override
  public void arrived(int function) {
    Functions functions = simulation.functions();
    if (function >= uids.length) {
      uids = Arrays.copyOf(uids, 2 * function);
    }
    String uid = functions.sequence[function] + "/" + function;
    uids[function] = uid;
    int index = shards.length == 1 ? 0 : ShardAssignment.shardOf(uid, shards.length);
    functions.note[function] = index;
    ShardHost host = shards[index];
    host.add(
        new Instance(
            uid,
            "function",
            classNames[functions.rank[function]],
            functions.arrivalNanos[function],
            options.memoryEstimateBytes(),
            Room.ONE_POD,
            Constraints.NONE));
    if (options.decisionNanos() == 0) {
      host.decideAll();
    } else if (!host.busy) {
      host.busy = true;
      simulation.later(options.decisionNanos(), DECIDE * STRIDE + index, 0);
    }
  }

  @Override
  public void placed(int function, int machine) {
    if (dispatchers != null) {
      dispatchers.act(machine);
    }
  }

  @Override
  public void ended(int function, int machine) {
    shards[simulation.functions().note[function]].release(uids[function]);
    if (dispatchers != null) {
      dispatchers.act(machine);
    }
  }

  @Override
  public void due(int subject, long detail) {
    int index = subject % STRIDE;
    switch (subject / STRIDE) {
      case DECIDE -> {
        ShardHost host = shards[index];
        host.decideOne();
        host.busy = host.queued() > 0;
        if (host.busy) {
          simulation.later(options.decisionNanos(), DECIDE * STRIDE + index, 0);
        }
      }
      case ASK -> {
        shards[index].readLoads(detail);
        simulation.later(simulation.messageNanos(), ANSWER * STRIDE + index, detail);
      }
      case ANSWER -> shards[index].answered(detail);
      case DISPATCH -> {
        if (dispatchers != null) {
          dispatchers.act(index);
          simulation.later(DISPATCH_NANOS, DISPATCH * STRIDE + index, 0);
        }
      }
      default -> throw new IllegalStateException("no such subject: " + subject);
    }
  }

  long nowNanos() {
    return simulation.nowNanos();
  }

  /** Whether messages arrive in the moment in which they are sent. */
  boolean atOnce() {
    return simulation.messageNanos() == 0;
  }

  void ask(int shard, long pollId) {
    simulation.later(simulation.messageNanos(), ASK * STRIDE + shard, pollId);
  }

  void send(int function, int machine) {
    simulation.send(function, machine);
  }

  String nodeName(int machine) {
    return nodeNames[machine];
  }

  /** What a machine's dispatcher says at this moment. */
  Load load(int machine, List<String> counted) {
    return new Load(freeBytes(machine), simulation.machine(machine).functions(), counted);
  }

  /**
   * Memory that functions can still take without pressure: what is free, less what waits in swap to
   * come back to it.
   */
  long freeBytes(int machine) {
    Machine host = simulation.machine(machine);
    return Math.max(0, memoryBytes - host.residentBytes(nowNanos()) - host.swappedBytes());
  }

  int functions(int machine) {
    return simulation.machine(machine).functions();
  }

  /** Which of these UIDs are on the machine by now; they are taken out of the list. */
  List<String> arrivedOf(List<String> sent, int machine) {
    if (atOnce()) {
      var all = List.copyOf(sent);
      sent.clear();
      return all;
    }
    var there = new ArrayList<String>();
    sent.removeIf(
        uid -> {
          int row = ShardHost.row(uid);
          boolean gone = !uid.equals(uids[row]);
          boolean here = !gone && simulation.functions().machine[row] == machine;
          if (here) {
            there.add(uid);
          }
          return gone || here;
        });
    return there;
  }
}
