package dev.fareway.node.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When this node joins an idle list, and which (the paper, section 3.2, dispatcher): much memory
 * free, the shortest of k lists; an update on significant change and as a sign of life; leaving
 * when memory is short. A state machine: told what happens, it says what to send. Not thread-safe.
 *
 * <p>Beyond the paper, a listed node now and then compares its list with others and moves to one
 * that is shorter by two at least. Else a list that has become short by chance stays so: its shard
 * crowds the few nodes on it, they run short of memory and leave, and the list is shorter still
 * (decision 063).
 */
public final class DispatcherPolicy {
  /**
   * How the dispatcher works.
   *
   * @param idleMemoryBytes it joins at or above so much available memory, and leaves below four
   *     fifths of it
   * @param k how many lists' lengths it compares, 1 or more
   * @param answerNanos it waits so long for the lengths
   */
  public record Options(long idleMemoryBytes, int k, long answerNanos) {
    public Options {
      if (idleMemoryBytes < 0 || k < 1 || answerNanos < 1) {
        throw new IllegalArgumentException(
            "idleMemoryBytes %d, k %d, answerNanos %d: out of range"
                .formatted(idleMemoryBytes, k, answerNanos));
      }
    }
  }

  /** What is to be sent, and to which replica. */
  public sealed interface Action {
    record AskLengths(String replica, long requestId, List<Integer> shards) implements Action {}

    record Join(String replica, int shard) implements Action {}

    record Update(String replica, int shard) implements Action {}

    record Leave(String replica, int shard) implements Action {}
  }

  private record ListAddress(String replica, int shard) {}

  private final Options options;
  private final RandomGenerator random;
  private final Map<String, Replica> replicas = new TreeMap<>();
  private @Nullable ListAddress joined;
  private @Nullable Question question;
  private long requestIds;
  private long sentMemory;
  private int sentFunctions;
  private long sentAtNanos;
  private long comparedAtNanos;

  public DispatcherPolicy(Options options, RandomGenerator random) {
    this.options = options;
    this.random = random;
  }

  /** A replica has welcomed us, or now holds these shards. */
  public void connected(String replica, Set<Integer> shards, long entryTtlNanos) {
    replicas.put(replica, new Replica(Set.copyOf(shards), entryTtlNanos));
    if (joined != null && joined.replica.equals(replica) && !shards.contains(joined.shard)) {
      joined = null;
    }
  }

  /** The stream to a replica has broken. */
  public void disconnected(String replica) {
    replicas.remove(replica);
    if (joined != null && joined.replica.equals(replica)) {
      joined = null;
    }
    if (question != null) {
      question.awaited.remove(replica);
    }
  }

  /** A replica no longer holds a shard. */
  public void shardGone(String replica, int shard) {
    if (joined != null && joined.replica.equals(replica) && joined.shard == shard) {
      joined = null;
    }
  }

  /** The lengths asked for. */
  public void lengths(String replica, long requestId, Map<Integer, Integer> lengthByShard) {
    if (question != null && question.id == requestId && question.awaited.remove(replica)) {
      lengthByShard.forEach(
          (shard, length) -> question.answers.put(new ListAddress(replica, shard), length));
    }
  }

  /** Whether the node is on an idle list, as far as it knows. */
  public boolean isListed() {
    return joined != null;
  }

  /** What to send now. Called on every change and at least every second. */
  public List<Action> act(long availableMemoryBytes, int functions, long nowNanos) {
    var actions = new ArrayList<Action>();
    if (joined != null) {
      keepUp(joined, availableMemoryBytes, functions, nowNanos, actions);
      if (joined != null) {
        compare(joined, availableMemoryBytes, functions, nowNanos, actions);
      }
    } else if (availableMemoryBytes < options.idleMemoryBytes) {
      question = null;
    } else if (question == null) {
      ask(null, nowNanos, actions);
    } else if (question.awaited.isEmpty()
        || nowNanos - question.askedAtNanos >= options.answerNanos) {
      ListAddress shortest = shortest(question);
      question = null;
      if (shortest != null) {
        join(shortest, availableMemoryBytes, functions, nowNanos, actions);
      }
    }
    return actions;
  }

  private void keepUp(
      ListAddress list, long memory, int functions, long nowNanos, List<Action> actions) {
    if (memory < options.idleMemoryBytes / 5 * 4) {
      actions.add(new Action.Leave(list.replica, list.shard));
      joined = null;
      return;
    }
    Replica replica = replicas.get(list.replica);
    long ttl = replica == null ? 0 : replica.entryTtlNanos;
    boolean significant =
        functions != sentFunctions || Math.abs(memory - sentMemory) > sentMemory / 10;
    if (significant || nowNanos - sentAtNanos >= ttl / 3) {
      actions.add(new Action.Update(list.replica, list.shard));
      sent(memory, functions, nowNanos);
    }
  }

  /** Moves to another list where that makes lengths more even. */
  private void compare(
      ListAddress list, long memory, int functions, long nowNanos, List<Action> actions) {
    if (question == null) {
      Replica replica = replicas.get(list.replica);
      boolean others = replicas.values().stream().mapToInt(one -> one.shards.size()).sum() > 1;
      if (replica != null && others && nowNanos - comparedAtNanos >= replica.entryTtlNanos / 6) {
        ask(list, nowNanos, actions);
        comparedAtNanos = nowNanos;
      }
    } else if (question.awaited.isEmpty()
        || nowNanos - question.askedAtNanos >= options.answerNanos) {
      Question asked = question;
      question = null;
      Integer own = asked.answers.get(list);
      ListAddress shortest = shortest(asked);
      if (own != null && shortest != null && asked.lengthOf(shortest) + 1 < own) {
        actions.add(new Action.Leave(list.replica, list.shard));
        join(shortest, memory, functions, nowNanos, actions);
      }
    }
  }

  /**
   * Asks for the lengths of k lists.
   *
   * @param own one of them, if there is one
   */
  private void ask(@Nullable ListAddress own, long nowNanos, List<Action> actions) {
    var all = new ArrayList<ListAddress>();
    replicas.forEach(
        (name, replica) ->
            replica.shards.stream().sorted().forEach(s -> all.add(new ListAddress(name, s))));
    var drawn = new TreeMap<String, List<Integer>>();
    int others = options.k;
    if (own != null && all.remove(own)) {
      drawn.computeIfAbsent(own.replica, _ -> new ArrayList<>()).add(own.shard);
      others = Math.max(1, options.k - 1);
    }
    for (int i = 0; i < others && !all.isEmpty(); i++) {
      ListAddress list = all.remove(random.nextInt(all.size()));
      drawn.computeIfAbsent(list.replica, _ -> new ArrayList<>()).add(list.shard);
    }
    if (!drawn.isEmpty()) {
      question = new Question(++requestIds, nowNanos, new HashSet<>(drawn.keySet()));
      drawn.forEach(
          (replica, shards) ->
              actions.add(new Action.AskLengths(replica, requestIds, List.copyOf(shards))));
    }
  }

  private @Nullable ListAddress shortest(Question asked) {
    ListAddress shortest = null;
    for (ListAddress list : asked.answers.keySet()) {
      boolean still = replicas.containsKey(list.replica);
      if (still && (shortest == null || asked.lengthOf(list) < asked.lengthOf(shortest))) {
        shortest = list;
      }
    }
    return shortest;
  }

  private void join(
      ListAddress list, long memory, int functions, long nowNanos, List<Action> actions) {
    joined = list;
    comparedAtNanos = nowNanos;
    actions.add(new Action.Join(list.replica, list.shard));
    sent(memory, functions, nowNanos);
  }

  private void sent(long memory, int functions, long nowNanos) {
    sentMemory = memory;
    sentFunctions = functions;
    sentAtNanos = nowNanos;
  }

  private record Replica(Set<Integer> shards, long entryTtlNanos) {}

  private static final class Question {
    final long id;
    final long askedAtNanos;
    final Set<String> awaited;
    final Map<ListAddress, Integer> answers = new HashMap<>();

    Question(long id, long askedAtNanos, Set<String> awaited) {
      this.id = id;
      this.askedAtNanos = askedAtNanos;
      this.awaited = awaited;
    }

    int lengthOf(ListAddress list) {
      return answers.getOrDefault(list, Integer.MAX_VALUE);
    }
  }
}
