package dev.fareway.operator.dispatcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.fareway.crds.Fareway;
import dev.fareway.protocol.v1.ActivatorHello;
import dev.fareway.protocol.v1.ActivatorMessage;
import dev.fareway.protocol.v1.ActivatorReply;
import dev.fareway.protocol.v1.InvocationsGrpc;
import dev.fareway.protocol.v1.PodLower;
import dev.fareway.protocol.v1.PodRaise;
import dev.fareway.protocol.v1.RaiseRefused.Reason;
import dev.fareway.protocol.v1.ShardMessage;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams of activators over real gRPC, with pods on two nodes of which one is in session. */
@Timeout(60)
class ActivatorSessionTest {
  private record Told(String node, ShardMessage message) {}

  private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
  private final Set<String> inSession = ConcurrentHashMap.newKeySet();
  private final FunctionPods pods = new FunctionPods();
  private final Inheritance inheritance =
      new Inheritance(
          pods,
          Set.of("cheap", "dear")::contains,
          (node, message) -> inSession.contains(node) && told.add(new Told(node, message)),
          () -> "operator-0",
          new SimpleMeterRegistry());
  private volatile @Nullable String proven;
  private @Nullable Server server;
  private @Nullable ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    inSession.add("node-1");
    pods.podChanged(pod("home-1", "node-1", true));
    pods.podChanged(pod("away-1", "node-2", true));
    pods.podChanged(pod("stranger", "node-1", false));
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                new InvocationsGrpc.InvocationsImplBase() {
                  @Override
                  public StreamObserver<ActivatorMessage> inherit(
                      StreamObserver<ActivatorReply> out) {
                    return new ActivatorSession(
                        (ServerCallStreamObserver<ActivatorReply>) out, inheritance, proven);
                  }
                })
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void stop() throws Exception {
    if (channel != null) {
      channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
    if (server != null) {
      server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  private static io.fabric8.kubernetes.api.model.Pod pod(
      String uid, String node, boolean isFunction) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName(uid)
        .withUid(uid)
        .withAnnotations(isFunction ? Map.of(Fareway.PRICE_CLASS, "cheap") : Map.of())
        .endMetadata()
        .withNewSpec()
        .withNodeName(node)
        .endSpec()
        .build();
  }

  /** A stream's client side. */
  private final class Caller implements StreamObserver<ActivatorReply> {
    private final BlockingQueue<ActivatorReply> replies = new LinkedBlockingQueue<>();
    private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
    private final StreamObserver<ActivatorMessage> out =
        InvocationsGrpc.newStub(channel).inherit(this);

    Caller hello(int min, int max) {
      out.onNext(
          ActivatorMessage.newBuilder()
              .setHello(
                  ActivatorHello.newBuilder()
                      .setMinVersion(min)
                      .setMaxVersion(max)
                      .setActivator("activator-7"))
              .build());
      return this;
    }

    void raise(String uid, String priceClass, int millis) {
      out.onNext(
          ActivatorMessage.newBuilder()
              .setRaise(
                  PodRaise.newBuilder()
                      .setPodUid(uid)
                      .setPriceClass(priceClass)
                      .setForMillis(millis))
              .build());
    }

    ActivatorReply reply() throws InterruptedException {
      ActivatorReply reply = replies.poll(20, TimeUnit.SECONDS);
      if (reply == null) {
        throw new AssertionError("no reply; ended: " + ends);
      }
      return reply;
    }

    Status end() throws InterruptedException {
      Status end = ends.poll(20, TimeUnit.SECONDS);
      if (end == null) {
        throw new AssertionError("the stream did not end");
      }
      return end;
    }

    @Override
    public void onNext(ActivatorReply reply) {
      replies.add(reply);
    }

    @Override
    public void onError(Throwable failure) {
      ends.add(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      ends.add(Status.OK);
    }
  }

  private Told told() throws InterruptedException {
    Told next = told.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no node was told anything");
    }
    return next;
  }

  @Test
  void raise_reachesThePodsNode_andLowerToo() throws InterruptedException {
    var caller = new Caller().hello(1, 1);
    assertEquals("operator-0", caller.reply().getWelcome().getReplica());

    caller.raise("home-1", "dear", 1000);
    Told raised = told();
    caller.out.onNext(
        ActivatorMessage.newBuilder().setLower(PodLower.newBuilder().setPodUid("home-1")).build());
    Told lowered = told();

    assertEquals("node-1", raised.node());
    assertEquals("home-1", raised.message().getRaise().getPodUid());
    assertEquals("dear", raised.message().getRaise().getPriceClass());
    assertEquals(1000, raised.message().getRaise().getForMillis());
    assertEquals("home-1", lowered.message().getLower().getPodUid());
    assertEquals(raised.message().getRaise().getHolder(), lowered.message().getLower().getHolder());
  }

  @Test
  void streams_haveHoldersOfTheirOwn() throws InterruptedException {
    var first = new Caller().hello(1, 1);
    var second = new Caller().hello(1, 1);

    first.raise("home-1", "dear", 500);
    String one = told().message().getRaise().getHolder();
    second.raise("home-1", "dear", 500);

    assertNotEquals(one, told().message().getRaise().getHolder());
  }

  @Test
  void raise_isRefused_whenThePodIsNoFunctionsOrTheClassOrNodeIsNotThere()
      throws InterruptedException {
    var caller = new Caller().hello(1, 1);
    caller.reply();

    caller.raise("stranger", "dear", 1000);
    assertEquals(Reason.NO_FUNCTION_POD, caller.reply().getRefused().getReason());
    caller.raise("nobody", "dear", 1000);
    assertEquals(Reason.NO_FUNCTION_POD, caller.reply().getRefused().getReason());
    caller.raise("home-1", "royal", 1000);
    assertEquals(Reason.NO_PRICE_CLASS, caller.reply().getRefused().getReason());
    caller.raise("away-1", "dear", 1000);
    assertEquals(Reason.NODE_AWAY, caller.reply().getRefused().getReason());
    pods.podDeleted("shop", "home-1");
    caller.raise("home-1", "dear", 1000);
    assertEquals(Reason.NO_FUNCTION_POD, caller.reply().getRefused().getReason());
    assertNull(told.poll());
  }

  @Test
  void raise_ofMoreThanASecond_endsTheStream() throws InterruptedException {
    for (int millis : new int[] {0, 1001, -1}) {
      var caller = new Caller().hello(1, 1);
      caller.raise("home-1", "dear", millis);
      assertEquals(Status.Code.INVALID_ARGUMENT, caller.end().getCode());
    }
    assertNull(told.poll());
  }

  @Test
  void stream_withoutHello_orWithTwo_ends() throws InterruptedException {
    var silent = new Caller();
    silent.raise("home-1", "dear", 1000);
    assertEquals(Status.Code.FAILED_PRECONDITION, silent.end().getCode());

    assertEquals(
        Status.Code.FAILED_PRECONDITION, new Caller().hello(1, 1).hello(1, 1).end().getCode());
    assertNull(told.poll());
  }

  @Test
  void versionsThatDoNotMeet_endTheStream() throws InterruptedException {
    Status end = new Caller().hello(2, 3).end();

    assertEquals(Status.Code.FAILED_PRECONDITION, end.getCode());
    assertEquals(
        "the activator speaks protocol versions 2 to 3, this operator 1 to 1: bring both to one release",
        end.getDescription());
  }

  @Test
  void token_ofAnotherPod_isRefused() throws InterruptedException {
    proven = "activator-8";

    assertEquals(Status.Code.PERMISSION_DENIED, new Caller().hello(1, 1).end().getCode());
  }
}
