package dev.fareway.operator.dispatcher;

import dev.fareway.operator.shard.ShardHost;
import dev.fareway.protocol.v1.Lower;
import dev.fareway.protocol.v1.PodRaise;
import dev.fareway.protocol.v1.Raise;
import dev.fareway.protocol.v1.RaiseRefused;
import dev.fareway.protocol.v1.ShardMessage;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Passes what activators say of running invocations on to the nodes of their pods. Keeps nothing: a
 * raise that is not said again runs out on the node. Thread-safe.
 */
@ApplicationScoped
public class Inheritance {
  private static final String RAISES = "fareway.inheritance.raises";

  /** Port: the nodes in session. */
  @FunctionalInterface
  interface Nodes {
    /** Tells a node something; whether it could be told. */
    boolean tell(String node, ShardMessage message);
  }

  private final FunctionPods pods;
  private final Predicate<String> isPriceClass;
  private final Nodes nodes;
  private final Supplier<String> replica;
  private final MeterRegistry metrics;
  private final AtomicLong streams = new AtomicLong();

  @Inject
  Inheritance(
      FunctionPods pods, ShardHost host, DispatcherSessions sessions, MeterRegistry metrics) {
    this(pods, host::knowsPriceClass, sessions::tell, host::replica, metrics);
  }

  /** With who knows the price classes, and the nodes. */
  Inheritance(
      FunctionPods pods,
      Predicate<String> isPriceClass,
      Nodes nodes,
      Supplier<String> replica,
      MeterRegistry metrics) {
    this.pods = pods;
    this.isPriceClass = isPriceClass;
    this.nodes = nodes;
    this.replica = replica;
    this.metrics = metrics;
  }

  /** A name for what one stream of an activator raises, of no other stream of any replica. */
  String holder(String activator) {
    return activator + "/" + replica.get() + "/" + streams.incrementAndGet();
  }

  /** The replica's name. */
  String replica() {
    return replica.get();
  }

  /** Raises a pod; empty if its node was told. */
  Optional<RaiseRefused.Reason> raise(String holder, PodRaise raise) {
    Optional<RaiseRefused.Reason> refused = offer(holder, raise);
    String outcome = refused.map(Enum::name).orElse("RELAYED").toLowerCase(Locale.ROOT);
    metrics.counter(RAISES, "outcome", outcome).increment();
    return refused;
  }

  private Optional<RaiseRefused.Reason> offer(String holder, PodRaise raise) {
    Optional<String> node = pods.nodeOf(raise.getPodUid());
    if (node.isEmpty()) {
      return Optional.of(RaiseRefused.Reason.NO_FUNCTION_POD);
    }
    if (!isPriceClass.test(raise.getPriceClass())) {
      return Optional.of(RaiseRefused.Reason.NO_PRICE_CLASS);
    }
    boolean told =
        nodes.tell(
            node.get(),
            ShardMessage.newBuilder()
                .setRaise(
                    Raise.newBuilder()
                        .setPodUid(raise.getPodUid())
                        .setPriceClass(raise.getPriceClass())
                        .setHolder(holder)
                        .setForMillis(raise.getForMillis()))
                .build());
    return told ? Optional.empty() : Optional.of(RaiseRefused.Reason.NODE_AWAY);
  }

  /** Lowers what the holder raised; where the node can't be told it runs out by itself. */
  void lower(String holder, String uid) {
    pods.nodeOf(uid)
        .ifPresent(
            node ->
                nodes.tell(
                    node,
                    ShardMessage.newBuilder()
                        .setLower(Lower.newBuilder().setPodUid(uid).setHolder(holder))
                        .build()));
  }
}
