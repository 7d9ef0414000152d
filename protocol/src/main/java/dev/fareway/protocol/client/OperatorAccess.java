package dev.fareway.protocol.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.grpc.CallCredentials;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the operator's replicas are reached, by node daemons and by activators.
 *
 * @param names {@code HOST:PORT} each; every address that a host name stands for is a replica
 * @param authorities a PEM file with whom to trust; empty: no TLS, which is for loopback only
 * @param token a file with what proves who the caller is; read anew for every session, as it is
 *     renewed
 */
public record OperatorAccess(List<String> names, Optional<Path> authorities, Optional<Path> token) {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  public OperatorAccess {
    names = List.copyOf(names);
  }

  /**
   * What a program was told by its options {@code --operator}, {@code --operator-ca} and {@code
   * --operator-token}.
   *
   * @throws IllegalArgumentException with a sentence for the user, if it can't work or would send
   *     the token, or be trusted, without TLS
   */
  public static OperatorAccess of(
      List<String> names, @Nullable Path authorities, @Nullable Path token) {
    for (String name : names) {
      int colon = name.lastIndexOf(':');
      if (colon < 1 || !name.substring(colon + 1).matches("[0-9]{1,5}")) {
        throw new IllegalArgumentException("--operator is '%s': write HOST:PORT.".formatted(name));
      }
      // Under TLS a name that stands for nothing yet is tried again and again.
      if (authorities == null && !isLoopback(name.substring(0, colon), name)) {
        throw new IllegalArgumentException(
            "--operator is '%s': without TLS (--operator-ca) only a loopback address, such as 127.0.0.1:9480, is allowed."
                .formatted(name));
      }
    }
    if (token != null && authorities == null) {
      throw new IllegalArgumentException(
          "--operator-token is sent under TLS only: give --operator-ca as well.");
    }
    return new OperatorAccess(names, Optional.ofNullable(authorities), Optional.ofNullable(token));
  }

  private static boolean isLoopback(String host, String name) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "--operator is '%s': there is no host '%s'.".formatted(name, host), e);
    }
  }

  /** Replicas on this very host. */
  public static OperatorAccess local(List<String> names) {
    return new OperatorAccess(names, Optional.empty(), Optional.empty());
  }

  /**
   * A replica.
   *
   * @param host the name that its certificate is for
   * @param ip its address
   * @param port its port
   */
  public record Replica(String host, String ip, int port) {
    @Override
    public String toString() {
      return host.equals(ip) ? host + ":" + port : "%s (%s:%d)".formatted(host, ip, port);
    }
  }

  /**
   * The replicas that the names stand for now. Waits for the name service.
   *
   * @throws UnknownHostException if a name stands for nothing
   */
  public Set<Replica> resolve() throws UnknownHostException {
    var replicas = new LinkedHashSet<Replica>();
    for (String name : names) {
      int colon = name.lastIndexOf(':');
      String host = name.substring(0, colon);
      for (InetAddress address : InetAddress.getAllByName(host)) {
        replicas.add(
            new Replica(
                host, address.getHostAddress(), Integer.parseInt(name.substring(colon + 1))));
      }
    }
    return replicas;
  }

  /**
   * A channel to a replica, not yet connected.
   *
   * @throws IOException if the authorities can't be read
   */
  public ManagedChannel channel(Replica replica) throws IOException {
    OkHttpChannelBuilder builder;
    if (authorities.isPresent()) {
      ChannelCredentials credentials =
          TlsChannelCredentials.newBuilder().trustManager(authorities.get().toFile()).build();
      builder =
          OkHttpChannelBuilder.forAddress(replica.ip, replica.port, credentials)
              .overrideAuthority(replica.host);
    } else {
      builder = OkHttpChannelBuilder.forAddress(replica.ip, replica.port).usePlaintext();
    }
    return builder
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }

  /** What proves who the caller is, if anything does. */
  public Optional<CallCredentials> credentials() {
    return token.map(TokenFile::new);
  }

  /** Reads the token when a session opens. */
  private static final class TokenFile extends CallCredentials {
    private final Path file;

    TokenFile(Path file) {
      this.file = file;
    }

    @Override
    public void applyRequestMetadata(
        RequestInfo request, Executor executor, MetadataApplier applier) {
      try {
        var headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + Files.readString(file, US_ASCII).strip());
        applier.apply(headers);
      } catch (IOException e) {
        applier.fail(
            Status.UNAUTHENTICATED.withDescription(
                "the token %s can't be read: %s".formatted(file, e.getMessage())));
      }
    }
  }
}
