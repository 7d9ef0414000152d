package dev.fareway.activator.proxy;

import dev.fareway.activator.core.PodAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connections to pods, kept and used again, the last used first. Beyond the most that a
 * pod may have, requests wait for one in the order in which they came: as many as the scheduler
 * lets run at once.
 */
final class PodPool {
  private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long SWEEP_MILLIS = 10_000;

  private final Map<PodAddress, Pod> pods = new HashMap<>();
  private final EventLoop loop;
  private final ChannelFactory<? extends Channel> channels;
  private final ChannelGroup all;
  private final ProxyOptions options;
  private final LongSupplier nanos;

  /** With these bounds; to be made and used on one event loop. */
  PodPool(Vertx vertx, ProxyOptions options, LongSupplier nanos) {
    this.options = options;
    this.nanos = nanos;
    loop = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
    channels = ((VertxInternal) vertx).transport().channelFactory(false);
    all = new DefaultChannelGroup(loop);
    vertx.setPeriodic(SWEEP_MILLIS, _ -> sweep());
  }

  /**
   * Hands a connection to this pod over, now or once there is one.
   *
   * @param isNew whether it must be one that was not used before: the pod may have closed those
   */
  void request(PodAddress address, boolean isNew, PodAnswer sender) {
    Pod pod = pods.get(address);
    if (pod == null) {
      pod = new Pod(address);
      pods.put(address, pod);
    }
    PodConnection idle = isNew ? null : pod.idle.pollFirst();
    while (idle != null && !idle.isOpen()) {
      idle = pod.idle.pollFirst();
    }
    if (idle != null) {
      idle.take(sender);
    } else if (pod.open < options.connectionsPerPod()) {
      connect(pod, sender);
    } else {
      pod.waiting.add(sender);
    }
  }

  /** A connection has no request any more. */
  void free(PodConnection connection) {
    PodAnswer next = next(connection.pod());
    if (next != null) {
      connection.take(next);
    } else {
      connection.idleSinceNanos = nanos.getAsLong();
      connection.pod().idle.addFirst(connection);
    }
  }

  /** A connection has closed. */
  void closed(PodConnection connection) {
    Pod pod = connection.pod();
    pod.idle.remove(connection);
    ended(pod);
  }

  /** Closes all. */
  Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    var _ = all.close().addListener(_ -> closed.complete());
    return closed.future();
  }

  private void connect(Pod pod, PodAnswer sender) {
    var decoder = new ResponseDecoder(options.maxHeaderBytes());
    var connection = new PodConnection(this, pod, decoder);
    pod.open++;
    ChannelFuture connecting;
    try {
      connecting =
          new Bootstrap()
              .group(loop)
              .channelFactory(channels)
              .option(
                  ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) options.connectTimeout().toMillis())
              .option(ChannelOption.TCP_NODELAY, true)
              .handler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      channel.pipeline().addLast(decoder, connection);
                    }
                  })
              // Addresses of pods are literal: nothing is looked up here, on the event loop.
              .connect(
                  new InetSocketAddress(
                      InetAddress.ofLiteral(pod.address.host()), pod.address.port()));
    } catch (IllegalArgumentException notLiteral) {
      ended(pod);
      sender.notConnected();
      return;
    }
    var _ =
        connecting.addListener(
            _ -> {
              if (!connecting.isSuccess()) {
                ended(pod);
                sender.notConnected();
                return;
              }
              all.add(connecting.channel());
              if (sender.isOver()) {
                free(connection);
              } else {
                connection.take(sender);
              }
            });
  }

  private void ended(Pod pod) {
    pod.open--;
    PodAnswer next = next(pod);
    if (next != null) {
      connect(pod, next);
    } else if (pod.open == 0) {
      pods.remove(pod.address, pod);
    }
  }

  private static @Nullable PodAnswer next(Pod pod) {
    PodAnswer next = pod.waiting.poll();
    while (next != null && next.isOver()) {
      next = pod.waiting.poll();
    }
    return next;
  }

  private void sweep() {
    long now = nanos.getAsLong();
    for (Pod pod : new ArrayList<>(pods.values())) {
      PodConnection oldest = pod.idle.peekLast();
      while (oldest != null && now - oldest.idleSinceNanos >= KEEP_NANOS) {
        pod.idle.removeLast();
        oldest.close();
        oldest = pod.idle.peekLast();
      }
    }
  }

  /** The connections to one pod. */
  static final class Pod {
    final PodAddress address;
    final ArrayDeque<PodConnection> idle = new ArrayDeque<>();
    final ArrayDeque<PodAnswer> waiting = new ArrayDeque<>();

    /** Open, or being opened. */
    int open;

    Pod(PodAddress address) {
      this.address = address;
    }
  }
}
