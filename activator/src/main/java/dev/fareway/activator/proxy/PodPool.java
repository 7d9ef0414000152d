package dev.fareway.activator.proxy;

import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.tls.PodTrust;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslHandler;
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
import javax.net.ssl.SSLException;
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
  private final PodTls tls;
  private int idle;

  /** With these bounds; to be made and used on one event loop. */
  PodPool(Vertx vertx, ProxyOptions options, LongSupplier nanos, PodTrust trust) {
    this.tls = new PodTls(trust);
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
    PodConnection kept = isNew ? null : kept(pod);
    while (kept != null && !kept.isOpen()) {
      kept = kept(pod);
    }
    if (kept != null) {
      kept.take(sender);
    } else if (pod.open < options.connectionsPerPod()) {
      connect(pod, sender);
    } else {
      pod.waiting.add(sender);
    }
  }

  private @Nullable PodConnection kept(Pod pod) {
    PodConnection connection = pod.idle.pollFirst();
    if (connection != null) {
      idle--;
    }
    return connection;
  }

  /** A connection has no request any more. */
  void free(PodConnection connection) {
    PodAnswer next = next(connection.pod());
    if (next != null) {
      connection.take(next);
    } else if (idle < options.idleConnections()
        && connection.pod().idle.size() < options.idleConnectionsPerPod()) {
      connection.idleSinceNanos = nanos.getAsLong();
      connection.pod().idle.addFirst(connection);
      idle++;
    } else {
      connection.close();
    }
  }

  /** A connection has closed. */
  void closed(PodConnection connection) {
    Pod pod = connection.pod();
    if (pod.idle.remove(connection)) {
      idle--;
    }
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
                    protected void initChannel(Channel channel) throws SSLException {
                      if (pod.address.isSecure()) {
                        channel.pipeline().addLast(tls.handler(channel, pod.address));
                      } else {
                        channel.pipeline().addLast(decoder, connection);
                      }
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
              SslHandler secure =
                  connecting.isSuccess()
                      ? connecting.channel().pipeline().get(SslHandler.class)
                      : null;
              if (secure == null) {
                opened(connecting.channel(), connecting.isSuccess(), connection, sender);
                return;
              }
              var _ =
                  secure
                      .handshakeFuture()
                      .addListener(
                          shaken -> {
                            boolean isOpen = shaken.isSuccess() && connecting.channel().isActive();
                            if (isOpen) {
                              connecting.channel().pipeline().addLast(decoder, connection);
                            }
                            opened(connecting.channel(), isOpen, connection, sender);
                          });
            });
  }

  private void opened(Channel channel, boolean isOpen, PodConnection connection, PodAnswer sender) {
    if (!isOpen) {
      ended(connection.pod());
      sender.notConnected();
      return;
    }
    all.add(channel);
    if (sender.isOver()) {
      free(connection);
    } else {
      connection.take(sender);
    }
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
        idle--;
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
