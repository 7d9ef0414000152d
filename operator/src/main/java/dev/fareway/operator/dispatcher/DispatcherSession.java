package dev.fareway.operator.dispatcher;

import dev.fareway.operator.shard.ShardHost;
import dev.fareway.protocol.v1.DispatcherMessage;
import dev.fareway.protocol.v1.Hello;
import dev.fareway.protocol.v1.ListLengths;
import dev.fareway.protocol.v1.ShardGone;
import dev.fareway.protocol.v1.ShardInfo;
import dev.fareway.protocol.v1.ShardMessage;
import dev.fareway.protocol.v1.ShardsChanged;
import dev.fareway.protocol.v1.Welcome;
import dev.fareway.scheduler.core.Load;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One dispatcher's stream, from its Hello to its end. Sending is guarded by the session's own lock.
 */
final class DispatcherSession implements StreamObserver<DispatcherMessage> {
  private static final Logger LOG = Logger.getLogger(DispatcherSession.class);

  /** The protocol versions that this replica speaks. */
  static final int MIN_VERSION = 1;

  static final int MAX_VERSION = 1;

  private final ServerCallStreamObserver<ShardMessage> out;
  private final DispatcherSessions sessions;
  private final ShardHost host;
  private final Duration entryTtl;

  /** Which node the caller has proven to be; null where nothing is to be proven. */
  private final @Nullable String proven;

  private volatile @Nullable String node;
  private volatile @Nullable NodeReport report;
  private boolean ended;

  DispatcherSession(
      ServerCallStreamObserver<ShardMessage> out,
      DispatcherSessions sessions,
      ShardHost host,
      Duration entryTtl,
      @Nullable String proven) {
    this.out = out;
    this.sessions = sessions;
    this.host = host;
    this.entryTtl = entryTtl;
    this.proven = proven;
  }

  @Override
  public void onNext(DispatcherMessage message) {
    try {
      if (node == null) {
        if (message.hasHello()) {
          open(message.getHello());
        } else {
          end(Status.FAILED_PRECONDITION.withDescription("a session begins with a hello"));
        }
        return;
      }
      handle(node, message);
    } catch (IllegalArgumentException e) {
      end(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
    }
  }

  @Override
  public void onError(Throwable failure) {
    closed();
  }

  @Override
  public void onCompleted() {
    closed();
    end(Status.OK);
  }

  /** What the daemon has said of its node last. */
  Optional<NodeReport> report() {
    return Optional.ofNullable(report);
  }

  /** Sends if the stream can take it; a slow one is not waited for. */
  boolean offer(ShardMessage message) {
    synchronized (out) {
      if (ended || !out.isReady()) {
        return false;
      }
      out.onNext(message);
      return true;
    }
  }

  /** Says which shards this replica holds now. A slow stream is ended: its node comes back. */
  void shardsChanged(Map<Integer, Integer> shards) {
    if (node == null) {
      return;
    }
    var changed = ShardsChanged.newBuilder();
    shards.forEach((shard, length) -> changed.addShards(info(shard, length)));
    send(ShardMessage.newBuilder().setShardsChanged(changed).build());
  }

  void end(Status status) {
    closed();
    synchronized (out) {
      if (ended) {
        return;
      }
      ended = true;
      if (status.isOk()) {
        out.onCompleted();
      } else {
        out.onError(status.asException());
      }
    }
  }

  private void open(Hello hello) {
    if (hello.getNode().isEmpty()) {
      end(Status.INVALID_ARGUMENT.withDescription("the hello names no node"));
      return;
    }
    if (proven != null && !proven.equals(hello.getNode())) {
      end(
          Status.PERMISSION_DENIED.withDescription(
              "the token is that of node %s, the hello names node %s"
                  .formatted(proven, hello.getNode())));
      return;
    }
    int version = Math.min(hello.getMaxVersion(), MAX_VERSION);
    if (version < Math.max(hello.getMinVersion(), MIN_VERSION)) {
      end(
          Status.FAILED_PRECONDITION.withDescription(
              "the node daemon speaks protocol versions %d to %d, this operator %d to %d: bring both to one release"
                  .formatted(
                      hello.getMinVersion(), hello.getMaxVersion(), MIN_VERSION, MAX_VERSION)));
      return;
    }
    node = hello.getNode();
    sessions.opened(hello.getNode(), this);
    host.sessionOpened(hello.getNode(), load(hello.getLoad()));
    var welcome =
        Welcome.newBuilder()
            .setVersion(version)
            .setReplica(host.replica())
            .setEntryTtlMillis(entryTtl.toMillis());
    host.shards().forEach((shard, length) -> welcome.addShards(info(shard, length)));
    send(ShardMessage.newBuilder().setWelcome(welcome).build());
    LOG.infof("Node %s is in session (daemon %s)", hello.getNode(), hello.getDaemonVersion());
  }

  private void handle(String from, DispatcherMessage message) {
    switch (message.getMessageCase()) {
      case POLL_REPLY ->
          host.pollAnswered(
              from, message.getPollReply().getPollId(), load(message.getPollReply().getLoad()));
      case LIST_LENGTH_REQUEST -> {
        var lengths =
            ListLengths.newBuilder().setRequestId(message.getListLengthRequest().getRequestId());
        for (int shard : message.getListLengthRequest().getShardsList()) {
          Integer length = host.shards().get(shard);
          if (length != null) {
            lengths.addShards(info(shard, length));
          }
        }
        send(ShardMessage.newBuilder().setListLengths(lengths).build());
      }
      case JOIN -> join(from, message.getJoin().getShard(), message.getJoin().getLoad());
      case UPDATE -> join(from, message.getUpdate().getShard(), message.getUpdate().getLoad());
      case LEAVE -> {
        if (holds(message.getLeave().getShard())) {
          host.left(from, message.getLeave().getShard());
        }
      }
      case REPORT -> report = NodeReports.of(message.getReport());
      case HELLO -> end(Status.FAILED_PRECONDITION.withDescription("a session has one hello"));
      // A message of a later version: not for us.
      case MESSAGE_NOT_SET -> {}
    }
  }

  private void join(String from, int shard, dev.fareway.protocol.v1.Load load) {
    if (holds(shard)) {
      host.joined(from, shard, load(load));
    } else {
      send(ShardMessage.newBuilder().setShardGone(ShardGone.newBuilder().setShard(shard)).build());
    }
  }

  private void send(ShardMessage message) {
    if (!offer(message)) {
      // An answer that can't be sent: the peer is too slow, or gone. It opens a new session when it
      // can.
      end(Status.RESOURCE_EXHAUSTED.withDescription("the stream does not take our answers"));
    }
  }

  private boolean holds(int shard) {
    return host.shards().containsKey(shard);
  }

  private static ShardInfo info(int shard, int idleListLength) {
    return ShardInfo.newBuilder().setShard(shard).setIdleListLength(idleListLength).build();
  }

  private void closed() {
    String name = node;
    if (name != null && sessions.closed(name, this)) {
      host.sessionClosed(name);
      LOG.infof("Node %s has left", name);
    }
  }

  private static Load load(dev.fareway.protocol.v1.Load load) {
    // Both are unsigned on the wire: what does not fit is no load.
    return new Load(
        load.getAvailableMemoryBytes(),
        load.getFunctions(),
        List.copyOf(load.getCountedPodsList()));
  }
}
