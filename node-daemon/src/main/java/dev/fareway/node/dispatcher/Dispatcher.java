package dev.fareway.node.dispatcher;

import dev.fareway.node.core.DispatcherPolicy;
import dev.fareway.node.core.DispatcherPolicy.Action;
import dev.fareway.node.core.InvocationClasses;
import dev.fareway.protocol.client.OperatorAccess;
import dev.fareway.protocol.v1.DispatcherMessage;
import dev.fareway.protocol.v1.IdleListJoin;
import dev.fareway.protocol.v1.IdleListLeave;
import dev.fareway.protocol.v1.IdleListUpdate;
import dev.fareway.protocol.v1.ListLengthRequest;
import dev.fareway.protocol.v1.Load;
import dev.fareway.protocol.v1.NodeReport;
import dev.fareway.protocol.v1.PollReply;
import dev.fareway.protocol.v1.Raise;
import dev.fareway.protocol.v1.ShardInfo;
import dev.fareway.protocol.v1.ShardMessage;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;

/**
 * Reports the node's load to the shards: keeps a session with each replica of the operator, answers
 * polls, and keeps the node on an idle list while much of its memory is free.
 *
 * <p>One thread owns the state; streams bring their messages to it.
 */
public final class Dispatcher {
  private static final Logger LOG = Logger.getLogger(Dispatcher.class.getName());
  private static final long TICK_MILLIS = 250;
  private static final long RESOLVE_SECONDS = 10;
  private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * The node's load.
   *
   * @param availableMemoryBytes that functions can still take
   * @param pods UIDs of the function pods on the node
   */
  public record NodeLoad(long availableMemoryBytes, Set<String> pods) {
    public NodeLoad {
      pods = Set.copyOf(pods);
    }
  }

  private final String node;
  private final String version;
  private final Supplier<NodeLoad> load;
  private final Supplier<Optional<NodeStanding>> standing;
  private final DispatcherPolicy policy;
  private final InvocationClasses classes;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("dispatcher").daemon().factory());
  private final Map<String, ReplicaSession> sessions = new HashMap<>();
  private final OperatorAccess access;
  private final RandomGenerator random;
  private final Map<OperatorAccess.Replica, ReplicaSession> replicas = new HashMap<>();
  private final ScheduledExecutorService names =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("operator-names").daemon().factory());
  private boolean unresolved;
  private long reportedNanos = System.nanoTime() - REPORT_NANOS;

  /**
   * A dispatcher that is not yet started.
   *
   * @param access how the operator's replicas are reached
   * @param load read for every message that carries a load: must be quick
   * @param standing read every few seconds; empty if it can't be told
   * @param classes is told what invocations the node's pods run
   */
  public Dispatcher(
      String node,
      String version,
      OperatorAccess access,
      Supplier<NodeLoad> load,
      Supplier<Optional<NodeStanding>> standing,
      DispatcherPolicy.Options options,
      InvocationClasses classes,
      RandomGenerator random) {
    this.classes = classes;
    this.node = node;
    this.version = version;
    this.load = load;
    this.standing = standing;
    this.policy = new DispatcherPolicy(options, random);
    this.access = access;
    this.random = random;
  }

  /** Connects, and goes on by itself. */
  public void start() {
    var _ = names.scheduleWithFixedDelay(this::resolve, 0, RESOLVE_SECONDS, TimeUnit.SECONDS);
    var _ =
        thread.scheduleWithFixedDelay(
            this::actSafely, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** The load may have changed: look now rather than at the next tick. */
  public void loadChanged() {
    if (!thread.isShutdown()) {
      thread.execute(this::actSafely);
    }
  }

  /** Leaves the idle list and ends the sessions. */
  public void stop() throws InterruptedException {
    names.shutdownNow();
    thread.execute(
        () -> {
          replicas.values().forEach(ReplicaSession::close);
          replicas.clear();
        });
    thread.shutdown();
    if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
      thread.shutdownNow();
    }
  }

  /** Replicas come and go: the names tell which there are. */
  private void resolve() {
    try {
      Set<OperatorAccess.Replica> now = access.resolve();
      unresolved = false;
      thread.execute(() -> replicas(now));
    } catch (UnknownHostException e) {
      // Who is known stays: the name service may be what is missing.
      if (!unresolved) {
        unresolved = true;
        LOG.log(Level.WARNING, "The operator's host can''t be found: {0}", e.getMessage());
      }
    } catch (RejectedExecutionException e) {
      LOG.log(Level.FINE, "the dispatcher has ended", e);
    }
  }

  // --- on the dispatcher's thread
  // ------------------------------------------------------------------------

  private void replicas(Set<OperatorAccess.Replica> now) {
    for (OperatorAccess.Replica gone : List.copyOf(replicas.keySet())) {
      if (!now.contains(gone)) {
        ReplicaSession session = replicas.remove(gone);
        if (session != null) {
          session.close();
          disconnected(session);
        }
      }
    }
    for (OperatorAccess.Replica replica : now) {
      if (!replicas.containsKey(replica)) {
        var session = new ReplicaSession(access, replica, this, thread, random);
        replicas.put(replica, session);
        session.connect();
      }
    }
  }

  String node() {
    return node;
  }

  String version() {
    return version;
  }

  NodeLoad nodeLoad() {
    return load.get();
  }

  void received(ReplicaSession session, ShardMessage message) {
    switch (message.getMessageCase()) {
      case WELCOME -> {
        var welcome = message.getWelcome();
        sessions.put(session.address(), session);
        // Who is new is told at once.
        reportedNanos = System.nanoTime() - REPORT_NANOS;
        LOG.log(
            Level.INFO,
            "In session with {0} ({1} shards)",
            new Object[] {welcome.getReplica(), welcome.getShardsCount()});
        policy.connected(
            session.address(),
            shards(welcome.getShardsList()),
            TimeUnit.MILLISECONDS.toNanos(welcome.getEntryTtlMillis()));
      }
      case POLL ->
          session.send(
              DispatcherMessage.newBuilder()
                  .setPollReply(
                      PollReply.newBuilder()
                          .setPollId(message.getPoll().getPollId())
                          .setLoad(loadFor(session)))
                  .build());
      case LIST_LENGTHS -> {
        var lengths = new HashMap<Integer, Integer>();
        message
            .getListLengths()
            .getShardsList()
            .forEach(shard -> lengths.put(shard.getShard(), shard.getIdleListLength()));
        policy.lengths(session.address(), message.getListLengths().getRequestId(), lengths);
      }
      case SHARD_GONE -> policy.shardGone(session.address(), message.getShardGone().getShard());
      case SHARDS_CHANGED ->
          policy.connected(
              session.address(),
              shards(message.getShardsChanged().getShardsList()),
              session.entryTtlNanos());
      case RAISE -> {
        Raise raise = message.getRaise();
        if (raise.getForMillis() > 0) {
          classes.raise(
              raise.getPodUid(),
              raise.getHolder(),
              raise.getPriceClass(),
              TimeUnit.MILLISECONDS.toNanos(raise.getForMillis()));
        }
        return;
      }
      case LOWER -> {
        classes.lower(message.getLower().getPodUid(), message.getLower().getHolder());
        return;
      }
      // A message of a later version: not for us.
      case MESSAGE_NOT_SET -> {}
    }
    act();
  }

  void disconnected(ReplicaSession session) {
    sessions.remove(session.address());
    policy.disconnected(session.address());
  }

  private void actSafely() {
    try {
      act();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "A step of the dispatcher failed; going on with the next", e);
    }
  }

  private void act() {
    if (sessions.isEmpty()) {
      return;
    }
    report();
    NodeLoad now = load.get();
    for (Action action :
        policy.act(now.availableMemoryBytes(), now.pods().size(), System.nanoTime())) {
      switch (action) {
        case Action.AskLengths(String replica, long requestId, List<Integer> shards) ->
            send(
                replica,
                DispatcherMessage.newBuilder()
                    .setListLengthRequest(
                        ListLengthRequest.newBuilder()
                            .setRequestId(requestId)
                            .addAllShards(shards)));
        case Action.Join(String replica, int shard) -> {
          LOG.log(Level.INFO, "Joins the idle list of shard {0}", shard);
          send(
              replica,
              DispatcherMessage.newBuilder()
                  .setJoin(IdleListJoin.newBuilder().setShard(shard).setLoad(loadFor(replica))));
        }
        case Action.Update(String replica, int shard) ->
            send(
                replica,
                DispatcherMessage.newBuilder()
                    .setUpdate(
                        IdleListUpdate.newBuilder().setShard(shard).setLoad(loadFor(replica))));
        case Action.Leave(String replica, int shard) -> {
          LOG.log(Level.INFO, "Leaves the idle list of shard {0}: memory is short", shard);
          send(
              replica,
              DispatcherMessage.newBuilder().setLeave(IdleListLeave.newBuilder().setShard(shard)));
        }
      }
    }
  }

  /** Tells every replica how the node is, now and then. */
  private void report() {
    long now = System.nanoTime();
    if (now - reportedNanos < REPORT_NANOS) {
      return;
    }
    reportedNanos = now;
    standing
        .get()
        .ifPresent(
            of -> {
              var message =
                  DispatcherMessage.newBuilder()
                      .setReport(
                          NodeReport.newBuilder()
                              .setFunctions(load.get().pods().size())
                              .setMemoryTotalBytes(of.memoryTotalBytes())
                              .setMemoryAvailableBytes(of.memoryAvailableBytes())
                              .setMemoryState(of.memoryState())
                              .setSwapTotalBytes(of.swapTotalBytes())
                              .setSwapUsedBytes(of.swapUsedBytes())
                              .setFunctionsSwappedBytes(of.functionsSwappedBytes()))
                      .build();
              sessions.values().forEach(session -> session.send(message));
            });
  }

  private void send(String replica, DispatcherMessage.Builder message) {
    ReplicaSession session = sessions.get(replica);
    if (session != null) {
      session.send(message.build());
    }
  }

  private Load loadFor(String replica) {
    ReplicaSession session = sessions.get(replica);
    return session == null ? Load.getDefaultInstance() : loadFor(session);
  }

  /**
   * The load as this stream's peer needs it: with the pods that it has not yet been told to be
   * counted.
   */
  private Load loadFor(ReplicaSession session) {
    NodeLoad now = load.get();
    return Load.newBuilder()
        .setAvailableMemoryBytes(now.availableMemoryBytes())
        .setFunctions(now.pods().size())
        .addAllCountedPods(session.notYetTold(now.pods()))
        .build();
  }

  private static Set<Integer> shards(List<ShardInfo> infos) {
    var shards = new HashSet<Integer>();
    infos.forEach(info -> shards.add(info.getShard()));
    return shards;
  }
}
