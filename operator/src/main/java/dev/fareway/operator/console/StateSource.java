package dev.fareway.operator.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.operator.dispatcher.DispatcherSessions;
import dev.fareway.operator.shard.Replica;
import dev.fareway.operator.shard.ShardHost;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Puts the state together when it is asked for, and at most once a second, however many ask. When
 * nobody asks, nothing is done. Thread-safe; waits for the placement thread, for other replicas and
 * for the API server, each for a bounded time.
 */
final class StateSource implements States {
  private static final Logger LOG = Logger.getLogger(StateSource.class);
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long BUDGETS_FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long LOCK_SECONDS = 10;

  private final ShardHost host;
  private final DispatcherSessions sessions;
  private final NodeBoard nodes;
  private final BudgetBoard budgets;
  private final Peers peers;
  private final ObjectMapper json;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private byte[] made = {};
  private long madeNanos;
  private BudgetBoard.Read budgetsRead = new BudgetBoard.Read(List.of(), 0);
  private long budgetsReadNanos = System.nanoTime() - BUDGETS_FRESH_NANOS;

  StateSource(
      ShardHost host,
      DispatcherSessions sessions,
      NodeBoard nodes,
      KubernetesClient client,
      Peers peers,
      ObjectMapper json,
      Clock clock) {
    this.host = host;
    this.sessions = sessions;
    this.nodes = nodes;
    this.budgets = new BudgetBoard(client);
    this.peers = peers;
    this.json = json;
    this.clock = clock;
  }

  /** A second old at most. */
  @Override
  public byte[] json() throws IOException, InterruptedException {
    if (!lock.tryLock(LOCK_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the state takes too long to put together; try again");
    }
    try {
      if (made.length == 0 || System.nanoTime() - madeNanos >= FRESH_NANOS) {
        made = json.writeValueAsBytes(state());
        madeNanos = System.nanoTime();
      }
      return made;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the state can't be written", e);
    } finally {
      lock.unlock();
    }
  }

  private ConsoleState state() throws IOException, InterruptedException {
    String self = host.replica();
    List<Replica> replicas = host.replicas();
    Peers.Told told =
        peers.ask(replicas.stream().filter(replica -> !replica.name().equals(self)).toList());
    return Whole.of(
        new Whole.Parts(
            new OwnView(host).view(),
            told.views(),
            told.problems(),
            replicas,
            nodes.nodes(),
            sessions.nodes(),
            sessions.reports(),
            budgets()),
        clock.instant());
  }

  /** A few seconds old, or older while the API server does not answer. */
  private BudgetBoard.Read budgets() {
    if (System.nanoTime() - budgetsReadNanos >= BUDGETS_FRESH_NANOS) {
      budgetsReadNanos = System.nanoTime();
      try {
        budgetsRead = budgets.read(clock.instant());
      } catch (KubernetesClientException e) {
        LOG.debugf(e, "budgets can't be read");
      }
    }
    return budgetsRead;
  }
}
