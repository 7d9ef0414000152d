package dev.fareway.node.dispatcher;

import dev.fareway.protocol.v1.DispatcherMessage;
import dev.fareway.protocol.v1.ShardHostGrpc;
import dev.fareway.protocol.v1.ShardInfo;
import dev.fareway.protocol.v1.ShardMessage;
import dev.fareway.protocol.v1.Welcome;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An operator replica as a dispatcher sees it, over real gRPC on a loopback port. */
final class ShardHostFake implements AutoCloseable {
  static final long ENTRY_TTL_MILLIS = 900;

  private final Server server;
  private final BlockingQueue<DispatcherMessage> received = new LinkedBlockingQueue<>();
  private volatile @Nullable StreamObserver<ShardMessage> out;

  private ShardHostFake(int port, ServerCredentials credentials, ServerInterceptor... interceptors)
      throws IOException {
    var builder =
        OkHttpServerBuilder.forPort(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), credentials)
            .addService(new Service());
    for (ServerInterceptor interceptor : interceptors) {
      builder.intercept(interceptor);
    }
    server = builder.build().start();
  }

  /** A replica on a port, or on a free one if it is 0. */
  static ShardHostFake listen(int port) throws IOException {
    return new ShardHostFake(port, InsecureServerCredentials.create());
  }

  /** A replica with TLS, on a free port. */
  static ShardHostFake listen(ServerCredentials credentials, ServerInterceptor interceptor)
      throws IOException {
    return new ShardHostFake(0, credentials, interceptor);
  }

  int port() {
    return server.getPort();
  }

  void send(ShardMessage.Builder message) {
    StreamObserver<ShardMessage> session = out;
    if (session == null) {
      throw new IllegalStateException("no session");
    }
    session.onNext(message.build());
  }

  /** Ends the session from the operator's side. */
  void abort() {
    StreamObserver<ShardMessage> session = out;
    if (session != null) {
      session.onError(Status.UNAVAILABLE.asRuntimeException());
    }
  }

  /** The next message that is of interest; fails if none comes. */
  DispatcherMessage awaits(Predicate<DispatcherMessage> wanted) throws InterruptedException {
    for (int i = 0; i < 1000; i++) {
      DispatcherMessage message = received.poll(20, TimeUnit.SECONDS);
      if (message == null) {
        break;
      }
      if (wanted.test(message)) {
        return message;
      }
    }
    throw new AssertionError("the message that was waited for did not come");
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Service extends ShardHostGrpc.ShardHostImplBase {
    @Override
    public StreamObserver<DispatcherMessage> session(StreamObserver<ShardMessage> session) {
      return new StreamObserver<>() {
        @Override
        public void onNext(DispatcherMessage message) {
          if (message.hasHello()) {
            out = session;
            session.onNext(
                ShardMessage.newBuilder()
                    .setWelcome(
                        Welcome.newBuilder()
                            .setVersion(1)
                            .setReplica("operator-0")
                            .setEntryTtlMillis(ENTRY_TTL_MILLIS)
                            .addShards(ShardInfo.newBuilder().setShard(3).setIdleListLength(2)))
                    .build());
          }
          received.add(message);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          session.onCompleted();
        }
      };
    }
  }
}
