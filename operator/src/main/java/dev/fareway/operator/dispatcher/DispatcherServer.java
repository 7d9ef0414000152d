package dev.fareway.operator.dispatcher;

import dev.fareway.operator.OperatorConfig;
import dev.fareway.operator.certificates.Certificates;
import dev.fareway.operator.shard.ShardHost;
import dev.fareway.protocol.v1.ActivatorMessage;
import dev.fareway.protocol.v1.ActivatorReply;
import dev.fareway.protocol.v1.DispatcherMessage;
import dev.fareway.protocol.v1.InvocationsGrpc;
import dev.fareway.protocol.v1.ShardHostGrpc;
import dev.fareway.protocol.v1.ShardMessage;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The port that node daemons open their sessions on, and activators their streams. */
@ApplicationScoped
public class DispatcherServer {
  private static final Logger LOG = Logger.getLogger(DispatcherServer.class);
  private static final int MAX_MESSAGE_BYTES = 1 << 20;
  private static final long STOP_SECONDS = 5;

  private final OperatorConfig config;
  private final ShardHost host;
  private final DispatcherSessions sessions;
  private final Certificates certificates;
  private final KubernetesClient client;
  private final Inheritance inheritance;
  private final List<ReplicaService> replicaServices;

  /** Threads that may wait, for the review of a token. */
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

  private @Nullable Server server;

  DispatcherServer(
      OperatorConfig config,
      ShardHost host,
      DispatcherSessions sessions,
      Certificates certificates,
      KubernetesClient client,
      Inheritance inheritance,
      @All List<ReplicaService> replicaServices) {
    this.replicaServices = List.copyOf(replicaServices);
    this.inheritance = inheritance;
    this.config = config;
    this.host = host;
    this.sessions = sessions;
    this.certificates = certificates;
    this.client = client;
  }

  /**
   * Starts listening.
   *
   * @throws IOException if the port is taken
   * @throws IllegalArgumentException if the address is not a loopback one and there is no TLS:
   *     nothing would prove who is at the other end
   */
  public void start() throws IOException {
    String name = config.dispatcher().host();
    InetAddress address = InetAddress.getByName(name);
    boolean secured = certificates.areConfigured();
    if (!secured && !address.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "fareway.dispatcher.host is %s: without TLS (fareway.certificates.names or fareway.certificates.folder) only a loopback address, such as 127.0.0.1, is allowed"
              .formatted(name));
    }
    int port = config.dispatcher().port();
    try {
      NettyServerBuilder builder =
          NettyServerBuilder.forAddress(new InetSocketAddress(address, port));
      if (secured) {
        builder
            .sslContext(
                GrpcSslContexts.configure(
                        SslContextBuilder.forServer(certificates.keyManager()), SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    // Replicas show one; node daemons and activators have none.
                    .clientAuth(ClientAuth.OPTIONAL)
                    .trustManager(certificates.replicas())
                    .build())
            // A token proves something for an hour, and so does a session.
            .maxConnectionAge(1, TimeUnit.HOURS)
            .maxConnectionAgeGrace(1, TimeUnit.MINUTES);
      }
      addServices(builder, secured);
      server =
          builder
              .executor(calls)
              .maxInboundMessageSize(MAX_MESSAGE_BYTES)
              .keepAliveTime(30, TimeUnit.SECONDS)
              .keepAliveTimeout(10, TimeUnit.SECONDS)
              .permitKeepAliveTime(10, TimeUnit.SECONDS)
              .permitKeepAliveWithoutCalls(true)
              .build()
              .start();
    } catch (IOException e) {
      throw new IOException(
          "can't listen for node daemons on %s port %d (fareway.dispatcher.host, fareway.dispatcher.port): %s"
              .formatted(
                  name, port, e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
          e);
    }
    host.onShards(sessions::shardsChanged);
    LOG.infof(
        "Node daemons are served on %s port %d, %s",
        name, server.getPort(), secured ? "with TLS, known by their tokens" : "without TLS");
  }

  private void addServices(NettyServerBuilder builder, boolean secured) {
    if (!secured) {
      builder.addService(new Service()).addService(new Invocations());
      replicaServices.forEach(service -> builder.addService(service.definition()));
      return;
    }
    var tokens =
        new TokenAuthentication(
            client,
            Map.of(
                ShardHostGrpc.SERVICE_NAME,
                nodeDaemons(),
                InvocationsGrpc.SERVICE_NAME,
                activators()));
    builder
        .addService(ServerInterceptors.intercept(new Service(), tokens))
        .addService(ServerInterceptors.intercept(new Invocations(), tokens));
    var replicas = new ReplicaAuthentication(certificates);
    replicaServices.forEach(
        service ->
            builder.addService(ServerInterceptors.intercept(service.definition(), replicas)));
  }

  /** The port, 0 before the start. */
  public int port() {
    return server == null ? 0 : server.getPort();
  }

  /** Ends all sessions. */
  public void stop() throws InterruptedException {
    if (server != null && !server.shutdownNow().awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("The dispatchers' port did not close in time");
    }
    calls.shutdownNow();
  }

  private TokenJudge nodeDaemons() {
    return new TokenJudge(
        config.dispatcher().audience(),
        Set.of(user(config.namespace(), config.dispatcher().serviceAccount())),
        TokenJudge.NODE_NAME);
  }

  private TokenJudge activators() {
    var users = new HashSet<String>();
    for (String account : config.activator().serviceAccounts()) {
      int slash = account.indexOf('/');
      if (slash < 1 || slash == account.length() - 1) {
        throw new IllegalArgumentException(
            "fareway.activator.service-accounts has '%s': write NAMESPACE/NAME".formatted(account));
      }
      users.add(user(account.substring(0, slash), account.substring(slash + 1)));
    }
    return new TokenJudge(config.activator().audience(), users, TokenJudge.POD_NAME);
  }

  private static String user(String namespace, String account) {
    return "system:serviceaccount:%s:%s".formatted(namespace, account);
  }

  private final class Service extends ShardHostGrpc.ShardHostImplBase {
    @Override
    public StreamObserver<DispatcherMessage> session(StreamObserver<ShardMessage> answers) {
      return new DispatcherSession(
          (ServerCallStreamObserver<ShardMessage>) answers,
          sessions,
          host,
          config.dispatcher().entryTtl(),
          CallerIdentity.NAME.get());
    }
  }

  private final class Invocations extends InvocationsGrpc.InvocationsImplBase {
    @Override
    public StreamObserver<ActivatorMessage> inherit(StreamObserver<ActivatorReply> answers) {
      return new ActivatorSession(
          (ServerCallStreamObserver<ActivatorReply>) answers,
          inheritance,
          CallerIdentity.NAME.get());
    }
  }
}
