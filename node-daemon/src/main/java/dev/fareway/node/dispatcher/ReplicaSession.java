package dev.fareway.node.dispatcher;

import dev.fareway.node.dispatcher.Dispatcher.NodeLoad;
import dev.fareway.protocol.client.OperatorAccess;
import dev.fareway.protocol.v1.DispatcherMessage;
import dev.fareway.protocol.v1.Hello;
import dev.fareway.protocol.v1.Load;
import dev.fareway.protocol.v1.ShardHostGrpc;
import dev.fareway.protocol.v1.ShardMessage;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The stream to one replica: opened, and opened again with backoff when it breaks. On the
 * dispatcher's thread.
 */
final class ReplicaSession {
  private static final Logger LOG = Logger.getLogger(ReplicaSession.class.getName());
  private static final long FIRST_RETRY_MILLIS = 200;
  private static final long MAX_RETRY_MILLIS = 15_000;

  private final OperatorAccess access;
  private final OperatorAccess.Replica replica;
  private final String address;
  private final Dispatcher dispatcher;
  private final ScheduledExecutorService thread;
  private final RandomGenerator random;
  private final Set<String> told = new HashSet<>();
  private @Nullable ManagedChannel channel;
  private @Nullable StreamObserver<DispatcherMessage> out;
  private long entryTtlNanos;
  private int failures;
  private boolean closed;

  ReplicaSession(
      OperatorAccess access,
      OperatorAccess.Replica replica,
      Dispatcher dispatcher,
      ScheduledExecutorService thread,
      RandomGenerator random) {
    this.access = access;
    this.replica = replica;
    this.address = replica.toString();
    this.dispatcher = dispatcher;
    this.thread = thread;
    this.random = random;
  }

  String address() {
    return address;
  }

  long entryTtlNanos() {
    return entryTtlNanos;
  }

  void connect() {
    if (closed) {
      return;
    }
    try {
      if (channel == null) {
        channel = access.channel(replica);
      }
    } catch (IOException e) {
      again("the operator's certificate authority can't be read: " + e.getMessage());
      return;
    }
    told.clear();
    var stub = ShardHostGrpc.newStub(channel);
    var credentials = access.credentials();
    out =
        (credentials.isPresent() ? stub.withCallCredentials(credentials.get()) : stub)
            .session(new Incoming());
    NodeLoad load = dispatcher.nodeLoad();
    send(
        DispatcherMessage.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setMinVersion(1)
                    .setMaxVersion(1)
                    .setNode(dispatcher.node())
                    .setDaemonVersion(dispatcher.version())
                    .setLoad(
                        Load.newBuilder()
                            .setAvailableMemoryBytes(load.availableMemoryBytes())
                            .setFunctions(load.pods().size())
                            .addAllCountedPods(notYetTold(load.pods()))))
            .build());
  }

  void send(DispatcherMessage message) {
    if (out != null) {
      out.onNext(message);
    }
  }

  /** The pods that this stream's peer has not yet been told of; from now on it has. */
  List<String> notYetTold(Set<String> pods) {
    told.retainAll(pods);
    List<String> fresh = pods.stream().filter(told::add).toList();
    return fresh;
  }

  void close() {
    closed = true;
    if (out != null) {
      out.onCompleted();
      out = null;
    }
    if (channel != null) {
      channel.shutdownNow();
    }
  }

  private void broken(String why) {
    if (out == null || closed) {
      return;
    }
    out = null;
    dispatcher.disconnected(this);
    if (channel != null) {
      // A new one reads anew whom to trust.
      channel.shutdownNow();
      channel = null;
    }
    again(why);
  }

  private void again(String why) {
    long wait = Math.min(MAX_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(failures, 10));
    wait = wait / 2 + random.nextLong(wait / 2 + 1);
    // Said when it breaks and then now and then, not at every try.
    if (failures % 20 == 0) {
      LOG.log(
          Level.INFO,
          "No session with the operator at {0}, trying again: {1}",
          new Object[] {address, why});
    }
    failures++;
    var _ = thread.schedule(this::connect, wait, TimeUnit.MILLISECONDS);
  }

  private void onThread(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.log(Level.FINE, "the dispatcher has ended", e);
    }
  }

  private final class Incoming implements StreamObserver<ShardMessage> {
    @Override
    public void onNext(ShardMessage message) {
      onThread(
          () -> {
            if (message.hasWelcome()) {
              failures = 0;
              entryTtlNanos =
                  TimeUnit.MILLISECONDS.toNanos(message.getWelcome().getEntryTtlMillis());
            }
            dispatcher.received(ReplicaSession.this, message);
          });
    }

    @Override
    public void onError(Throwable failure) {
      onThread(() -> broken(String.valueOf(failure.getMessage())));
    }

    @Override
    public void onCompleted() {
      onThread(() -> broken("the operator has ended it"));
    }
  }
}
