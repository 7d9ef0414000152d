package dev.fareway.operator.dispatcher;

import dev.fareway.operator.shard.LoadPoller;
import dev.fareway.protocol.v1.Poll;
import dev.fareway.protocol.v1.ShardMessage;
import io.grpc.Status;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The sessions of dispatchers with this replica, one a node. Thread-safe. */
@ApplicationScoped
public class DispatcherSessions implements LoadPoller {
  private final Map<String, DispatcherSession> byNode = new ConcurrentHashMap<>();

  /** A new session; an older one of the same node ends. */
  void opened(String node, DispatcherSession session) {
    DispatcherSession before = byNode.put(node, session);
    if (before != null) {
      before.end(
          Status.ABORTED.withDescription("node %s has opened a newer session".formatted(node)));
    }
  }

  /** Whether this session was its node's current one. */
  boolean closed(String node, DispatcherSession session) {
    return byNode.remove(node, session);
  }

  @Override
  public boolean poll(String node, long pollId) {
    return tell(
        node, ShardMessage.newBuilder().setPoll(Poll.newBuilder().setPollId(pollId)).build());
  }

  /** Sends to a node if it is in session and its stream can take it. */
  boolean tell(String node, ShardMessage message) {
    DispatcherSession session = byNode.get(node);
    return session != null && session.offer(message);
  }

  /** Tells every node which shards this replica holds now. */
  void shardsChanged(Map<Integer, Integer> shards) {
    byNode.values().forEach(session -> session.shardsChanged(shards));
  }

  /** The nodes that are in session. */
  public Set<String> nodes() {
    return Set.copyOf(byNode.keySet());
  }

  /** What the daemons in session say of their nodes, as far as they have said it. */
  public Map<String, NodeReport> reports() {
    var reports = new HashMap<String, NodeReport>();
    byNode.forEach((node, session) -> session.report().ifPresent(of -> reports.put(node, of)));
    return reports;
  }

  /** How many nodes are in session. */
  public int size() {
    return byNode.size();
  }
}
