package dev.fareway.operator.console;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.util.concurrent.ListenableFuture;
import dev.fareway.operator.certificates.Certificates;
import dev.fareway.operator.shard.Replica;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Asks the other replicas on the port that their Leases name. Called by one thread at a time. A
 * connection that is not used ends by itself.
 */
final class ReplicaClient implements Peers {
  private static final Logger LOG = Logger.getLogger(ReplicaClient.class);
  private static final long PATIENCE_MILLIS = 1_500;
  private static final long IDLE_SECONDS = 30;
  private static final int MOST_BYTES = 16 << 20;

  private final Certificates certificates;
  private final ObjectMapper json;
  private final Map<String, ManagedChannel> channels = new HashMap<>();

  ReplicaClient(Certificates certificates, ObjectMapper json) {
    this.certificates = certificates;
    this.json = json.copy().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  }

  @Override
  public Told ask(List<Replica> others) throws InterruptedException {
    forgetAllBut(others);
    var asked = new LinkedHashMap<Replica, ListenableFuture<byte[]>>();
    var problems = new HashMap<String, String>();
    for (Replica other : others) {
      try {
        asked.put(
            other,
            ClientCalls.futureUnaryCall(
                channel(other.address())
                    .newCall(
                        ReplicaStates.STATE,
                        CallOptions.DEFAULT.withDeadlineAfter(
                            PATIENCE_MILLIS, TimeUnit.MILLISECONDS)),
                new byte[0]));
      } catch (IOException e) {
        problems.put(other.name(), String.valueOf(e.getMessage()));
      }
    }
    var views = new ArrayList<ReplicaView>();
    for (var one : asked.entrySet()) {
      Replica replica = one.getKey();
      try {
        // The call ends at its deadline; what is added is for a machine that is short of time.
        byte[] answer = one.getValue().get(2 * PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        ReplicaView view = json.readValue(answer, ReplicaView.class);
        // Under its Lease's name, whatever it says.
        views.add(new ReplicaView(replica.name(), view.placement()));
      } catch (ExecutionException e) {
        LOG.debugf(e, "Replica %s at %s can't be asked", replica.name(), replica.address());
        problems.put(
            replica.name(),
            "It can't be asked at %s: %s"
                .formatted(replica.address(), words(Status.fromThrowable(e))));
        forget(replica.address());
      } catch (TimeoutException e) {
        problems.put(replica.name(), "It does not answer at %s.".formatted(replica.address()));
        forget(replica.address());
      } catch (IOException | RuntimeException e) {
        LOG.debugf(e, "Replica %s says what can't be read", replica.name());
        problems.put(replica.name(), "It says what this release can't read.");
      }
    }
    return new Told(views, problems);
  }

  /** Ends the connections. */
  void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
    channels.clear();
  }

  private static String words(Status status) {
    return status.getDescription() == null
        ? status.getCode().toString()
        : status.getCode() + ", " + status.getDescription();
  }

  private ManagedChannel channel(String address) throws IOException {
    ManagedChannel known = channels.get(address);
    if (known == null) {
      known = connect(address);
      channels.put(address, known);
    }
    return known;
  }

  private ManagedChannel connect(String address) throws IOException {
    int colon = address.lastIndexOf(':');
    int port;
    try {
      port = colon < 1 ? 0 : Integer.parseInt(address.substring(colon + 1));
    } catch (NumberFormatException e) {
      port = 0;
    }
    if (port < 1 || port > 65_535) {
      throw new IOException("Its Lease does not say where it is reached.");
    }
    String host = address.substring(0, colon);
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(host, port)
            .idleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
            .maxInboundMessageSize(MOST_BYTES);
    if (certificates.areConfigured()) {
      builder.sslContext(
          GrpcSslContexts.configure(
                  SslContextBuilder.forClient()
                      .keyManager(certificates.keyManager())
                      .trustManager(certificates.replicas()),
                  SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .build());
    } else if (isLoopback(host)) {
      builder.usePlaintext();
    } else {
      throw new IOException("Without TLS only replicas on this machine are asked.");
    }
    return builder.build();
  }

  private static boolean isLoopback(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!address.isLoopbackAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private void forgetAllBut(List<Replica> replicas) {
    var gone = new HashSet<>(channels.keySet());
    replicas.forEach(replica -> gone.remove(replica.address()));
    gone.forEach(this::forget);
  }

  private void forget(String address) {
    ManagedChannel channel = channels.remove(address);
    if (channel != null) {
      channel.shutdownNow();
    }
  }
}
