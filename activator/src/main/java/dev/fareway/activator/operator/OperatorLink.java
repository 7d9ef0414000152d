package dev.fareway.activator.operator;

import dev.fareway.activator.core.Inheritance;
import dev.fareway.protocol.client.OperatorAccess;
import dev.fareway.protocol.v1.ActivatorHello;
import dev.fareway.protocol.v1.ActivatorMessage;
import dev.fareway.protocol.v1.ActivatorReply;
import dev.fareway.protocol.v1.InvocationsGrpc;
import dev.fareway.protocol.v1.PodLower;
import dev.fareway.protocol.v1.PodRaise;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream to one of the operator's replicas, any of them: each is in session with all nodes.
 * When it breaks another is tried, with backoff. All on the proxy's event loop.
 */
public final class OperatorLink implements Inheritance.Words {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorLink.class);
  private static final int FOR_MILLIS = (int) (Inheritance.FOR_NANOS / 1_000_000);
  private static final long WELCOME_MILLIS = 5_000;
  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long MAX_RETRY_MILLIS = 10_000;

  /** A replica that says so often that nodes are not in session with it is left for another. */
  private static final int MOST_AWAY = 5;

  private final Vertx vertx;
  private final Executor loop;
  private final OperatorAccess access;
  private final String activator;
  private final String version;
  private final Runnable opened;
  private final RandomGenerator random;
  private @Nullable Stream stream;
  private OperatorAccess.@Nullable Replica last;
  private int failures;
  private boolean isClosed;
  private long raises;
  private long lowers;
  private long refusals;

  /**
   * A link that is not opened yet.
   *
   * @param loop runs what it is given on the proxy's event loop, in order
   * @param activator name of this activator's pod
   * @param opened is told when a stream has been opened, on the event loop: nothing is raised then
   */
  public OperatorLink(
      Vertx vertx,
      Executor loop,
      OperatorAccess access,
      String activator,
      String version,
      Runnable opened,
      RandomGenerator random) {
    this.vertx = vertx;
    this.loop = loop;
    this.access = access;
    this.activator = activator;
    this.version = version;
    this.opened = opened;
    this.random = random;
  }

  /** Connects, and goes on by itself. */
  public void open() {
    // The name service may keep one waiting.
    vertx
        .executeBlocking(() -> List.copyOf(access.resolve()), false)
        .onSuccess(this::connect)
        .onFailure(e -> again("its name stands for nothing: " + e.getMessage()));
  }

  /** Ends it. */
  public void close() {
    isClosed = true;
    if (stream != null) {
      stream.end();
      stream = null;
    }
  }

  /** Whether the operator can be told something now. */
  public boolean isOpen() {
    return stream != null && stream.isWelcome;
  }

  @Override
  public boolean raise(String uid, String priceClass) {
    boolean sent =
        send(
            ActivatorMessage.newBuilder()
                .setRaise(
                    PodRaise.newBuilder()
                        .setPodUid(uid)
                        .setPriceClass(priceClass)
                        .setForMillis(FOR_MILLIS))
                .build());
    raises += sent ? 1 : 0;
    return sent;
  }

  @Override
  public boolean lower(String uid) {
    boolean sent =
        send(ActivatorMessage.newBuilder().setLower(PodLower.newBuilder().setPodUid(uid)).build());
    lowers += sent ? 1 : 0;
    return sent;
  }

  /** Writes its metrics in Prometheus' text format. */
  public void writeMetrics(StringBuilder out) {
    out.append(
        """
        # HELP fareway_activator_operator_connected Whether there is a stream to the operator.
        # TYPE fareway_activator_operator_connected gauge
        fareway_activator_operator_connected %d
        # HELP fareway_activator_raises_total Times that a node was told of a dearer invocation.
        # TYPE fareway_activator_raises_total counter
        fareway_activator_raises_total %d
        # HELP fareway_activator_lowers_total Times that a node was told of its end.
        # TYPE fareway_activator_lowers_total counter
        fareway_activator_lowers_total %d
        # HELP fareway_activator_raises_refused_total Raises that the operator could not pass on.
        # TYPE fareway_activator_raises_refused_total counter
        fareway_activator_raises_refused_total %d
        """
            .formatted(isOpen() ? 1 : 0, raises, lowers, refusals));
  }

  private boolean send(ActivatorMessage message) {
    return stream != null && stream.send(message);
  }

  private void connect(List<OperatorAccess.Replica> replicas) {
    if (isClosed) {
      return;
    }
    List<OperatorAccess.Replica> others =
        replicas.stream().filter(replica -> !replica.equals(last)).toList();
    List<OperatorAccess.Replica> choices = others.isEmpty() ? replicas : others;
    OperatorAccess.Replica replica = choices.get(random.nextInt(choices.size()));
    last = replica;
    try {
      stream = new Stream(replica, access.channel(replica));
    } catch (IOException e) {
      again("its certificate authority can't be read: " + e.getMessage());
    }
  }

  private void again(String why) {
    if (isClosed) {
      return;
    }
    long wait = Math.min(MAX_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(failures, 10));
    wait = wait / 2 + random.nextLong(wait / 2 + 1);
    // Said when it breaks and then now and then, not at every try.
    if (failures % 20 == 0) {
      LOG.info("No stream to the operator, trying again: {}", why);
    }
    failures++;
    vertx.setTimer(wait, timer -> open());
  }

  /** One stream, from its hello to its end. */
  private final class Stream implements ClientResponseObserver<ActivatorMessage, ActivatorReply> {
    private final OperatorAccess.Replica replica;
    private final ManagedChannel channel;
    private @Nullable ClientCallStreamObserver<ActivatorMessage> out;
    private boolean isWelcome;
    private int away;

    Stream(OperatorAccess.Replica replica, ManagedChannel channel) {
      this.replica = replica;
      this.channel = channel;
      var stub = InvocationsGrpc.newStub(channel);
      var hello =
          (access.credentials().isPresent()
                  ? stub.withCallCredentials(access.credentials().get())
                  : stub)
              .inherit(this);
      hello.onNext(
          ActivatorMessage.newBuilder()
              .setHello(
                  ActivatorHello.newBuilder()
                      .setMinVersion(1)
                      .setMaxVersion(1)
                      .setActivator(activator)
                      .setActivatorVersion(version))
              .build());
      vertx.setTimer(
          WELCOME_MILLIS,
          timer -> {
            if (!isWelcome) {
              broken("there is no answer");
            }
          });
    }

    /** What the stream can't take at once is not kept: the sender keeps what matters. */
    boolean send(ActivatorMessage message) {
      if (!isWelcome || out == null || !out.isReady()) {
        return false;
      }
      out.onNext(message);
      return true;
    }

    void end() {
      if (out != null) {
        out.onCompleted();
      }
      channel.shutdownNow();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ActivatorMessage> toOperator) {
      out = toOperator;
    }

    @Override
    public void onNext(ActivatorReply reply) {
      loop.execute(
          () -> {
            if (stream != this) {
              return;
            }
            switch (reply.getMessageCase()) {
              case WELCOME -> {
                isWelcome = true;
                failures = 0;
                LOG.info("In session with operator {}", reply.getWelcome().getReplica());
                opened.run();
              }
              case REFUSED -> {
                refusals++;
                switch (reply.getRefused().getReason()) {
                  case NODE_AWAY -> {
                    if (++away == MOST_AWAY) {
                      broken("nodes are not in session with " + replica);
                    }
                  }
                  // A pod or class that it does not know yet: it is said again.
                  case NO_FUNCTION_POD, NO_PRICE_CLASS, REASON_UNSPECIFIED, UNRECOGNIZED -> {}
                }
              }
              // A message of a later version: not for us.
              case MESSAGE_NOT_SET -> {}
            }
          });
    }

    @Override
    public void onError(Throwable failure) {
      loop.execute(() -> broken(String.valueOf(failure.getMessage())));
    }

    @Override
    public void onCompleted() {
      loop.execute(() -> broken("it was ended"));
    }

    private void broken(String why) {
      if (stream == this) {
        stream = null;
        channel.shutdownNow();
        again(replica + ": " + why);
      }
    }
  }
}
