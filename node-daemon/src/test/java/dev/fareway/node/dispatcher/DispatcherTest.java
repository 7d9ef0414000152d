package dev.fareway.node.dispatcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.node.core.DispatcherPolicy;
import dev.fareway.node.core.InvocationClasses;
import dev.fareway.node.dispatcher.Dispatcher.NodeLoad;
import dev.fareway.protocol.client.OperatorAccess;
import dev.fareway.protocol.v1.DispatcherMessage;
import dev.fareway.protocol.v1.ListLengthRequest;
import dev.fareway.protocol.v1.ListLengths;
import dev.fareway.protocol.v1.Lower;
import dev.fareway.protocol.v1.Poll;
import dev.fareway.protocol.v1.Raise;
import dev.fareway.protocol.v1.ShardGone;
import dev.fareway.protocol.v1.ShardInfo;
import dev.fareway.protocol.v1.ShardMessage;
import dev.fareway.protocol.v1.ShardsChanged;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real session over loopback gRPC. */
@Timeout(60)
class DispatcherTest {

  private static final long GIB = 1L << 30;

  private final Said said = new Said();
  private volatile NodeLoad load = new NodeLoad(8 * GIB, Set.of("p1", "p2"));
  private ShardHostFake host;
  private final Dispatcher dispatcher;

  DispatcherTest() throws Exception {
    host = ShardHostFake.listen(0);
    dispatcher =
        new Dispatcher(
            "node-1",
            "test",
            OperatorAccess.local(List.of("127.0.0.1:" + host.port())),
            () -> load,
            () -> Optional.of(new NodeStanding(16 * GIB, 8 * GIB, "Pressure", 4 * GIB, GIB, 7)),
            new DispatcherPolicy.Options(2 * GIB, 3, TimeUnit.SECONDS.toNanos(1)),
            said,
            new SplittableRandom(1));
    dispatcher.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    dispatcher.stop();
    host.close();
  }

  /** What was said of invocations, in order. */
  private static final class Said implements InvocationClasses {
    final BlockingQueue<String> all = new LinkedBlockingQueue<>();

    @Override
    public void raise(String uid, String holder, String priceClass, long forNanos) {
      all.add("%s raises %s to %s for %d ns".formatted(holder, uid, priceClass, forNanos));
    }

    @Override
    public void lower(String uid, String holder) {
      all.add("%s lowers %s".formatted(holder, uid));
    }
  }

  private void joins(int shard) throws InterruptedException {
    ListLengthRequest request =
        host.awaits(DispatcherMessage::hasListLengthRequest).getListLengthRequest();
    assertEquals(List.of(shard), request.getShardsList());
    host.send(
        ShardMessage.newBuilder()
            .setListLengths(
                ListLengths.newBuilder()
                    .setRequestId(request.getRequestId())
                    .addShards(ShardInfo.newBuilder().setShard(shard).setIdleListLength(2))));
    assertEquals(shard, host.awaits(DispatcherMessage::hasJoin).getJoin().getShard());
  }

  @Test
  void session_opensWithHello_andJoinsAnIdleList() throws InterruptedException {
    var hello = host.awaits(DispatcherMessage::hasHello).getHello();

    assertEquals("node-1", hello.getNode());
    assertEquals(1, hello.getMinVersion());
    assertEquals(8 * GIB, hello.getLoad().getAvailableMemoryBytes());
    assertEquals(2, hello.getLoad().getFunctions());
    assertEquals(Set.of("p1", "p2"), Set.copyOf(hello.getLoad().getCountedPodsList()));
    joins(3);
  }

  @Test
  void report_tellsHowTheNodeIs_whenTheSessionIsOpen() throws InterruptedException {
    var report = host.awaits(DispatcherMessage::hasReport).getReport();

    assertEquals(2, report.getFunctions());
    assertEquals(16 * GIB, report.getMemoryTotalBytes());
    assertEquals(8 * GIB, report.getMemoryAvailableBytes());
    assertEquals("Pressure", report.getMemoryState());
    assertEquals(4 * GIB, report.getSwapTotalBytes());
    assertEquals(GIB, report.getSwapUsedBytes());
    assertEquals(7, report.getFunctionsSwappedBytes());
  }

  @Test
  void poll_isAnsweredWithTheLoad_andEachPodIsNamedOnce() throws InterruptedException {
    host.awaits(DispatcherMessage::hasHello);
    load = new NodeLoad(5 * GIB, Set.of("p2", "p3"));

    host.send(ShardMessage.newBuilder().setPoll(Poll.newBuilder().setPollId(42)));
    DispatcherMessage first = host.awaits(m -> m.hasPollReply() || m.hasUpdate() || m.hasJoin());
    assertTrue(first.hasPollReply(), first::toString);
    var reply = first.getPollReply();

    assertEquals(42, reply.getPollId());
    assertEquals(5 * GIB, reply.getLoad().getAvailableMemoryBytes());
    assertEquals(2, reply.getLoad().getFunctions());
    assertEquals(List.of("p3"), reply.getLoad().getCountedPodsList());
  }

  @Test
  void invocations_ofAHigherClass_areToldOn() throws InterruptedException {
    host.awaits(DispatcherMessage::hasHello);

    host.send(
        ShardMessage.newBuilder()
            .setRaise(
                Raise.newBuilder()
                    .setPodUid("p1")
                    .setHolder("a/1")
                    .setPriceClass("dear")
                    .setForMillis(700)));
    host.send(
        ShardMessage.newBuilder().setLower(Lower.newBuilder().setPodUid("p1").setHolder("a/1")));

    assertEquals("a/1 raises p1 to dear for 700000000 ns", said.all.poll(20, TimeUnit.SECONDS));
    assertEquals("a/1 lowers p1", said.all.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void list_isUpdatedAsASignOfLife_andLeftWhenMemoryIsShort() throws InterruptedException {
    joins(3);
    assertEquals(3, host.awaits(DispatcherMessage::hasUpdate).getUpdate().getShard());

    load = new NodeLoad(GIB, Set.of("p1", "p2"));
    dispatcher.loadChanged();

    assertEquals(3, host.awaits(DispatcherMessage::hasLeave).getLeave().getShard());
  }

  @Test
  void list_isExchanged_whenItsShardMovesAway() throws InterruptedException {
    joins(3);

    host.send(ShardMessage.newBuilder().setShardGone(ShardGone.newBuilder().setShard(3)));
    host.send(
        ShardMessage.newBuilder()
            .setShardsChanged(
                ShardsChanged.newBuilder().addShards(ShardInfo.newBuilder().setShard(1))));

    DispatcherMessage request =
        host.awaits(
            m ->
                m.hasListLengthRequest()
                    && m.getListLengthRequest().getShardsList().equals(List.of(1)));
    assertTrue(request.hasListLengthRequest());
  }

  @Test
  void session_isOpenedAgain_whenItBreaks_andNamesAllPodsAnew() throws InterruptedException {
    joins(3);

    host.abort();

    var hello = host.awaits(DispatcherMessage::hasHello).getHello();
    assertEquals(Set.of("p1", "p2"), Set.copyOf(hello.getLoad().getCountedPodsList()));
    joins(3);
  }

  @Test
  void session_isOpenedAgain_whenTheReplicaComesBack() throws Exception {
    host.awaits(DispatcherMessage::hasHello);
    int port = host.port();
    host.close();

    host = ShardHostFake.listen(port);

    assertEquals("node-1", host.awaits(DispatcherMessage::hasHello).getHello().getNode());
    joins(3);
  }
}
