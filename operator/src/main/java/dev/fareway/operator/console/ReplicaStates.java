package dev.fareway.operator.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.operator.dispatcher.ReplicaService;
import dev.fareway.operator.shard.ShardHost;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Tells the other replicas what this one knows, as JSON: they may be of another release, which
 * knows other fields.
 */
@Singleton
public class ReplicaStates implements ReplicaService {
  private static final String SERVICE = "fareway.replica.v1.Replica";

  /** The question is empty, the answer a {@link ReplicaView}. */
  static final MethodDescriptor<byte[], byte[]> STATE =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "State"))
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private final OwnView own;
  private final ObjectMapper json;

  ReplicaStates(ShardHost host, ObjectMapper json) {
    this.own = new OwnView(host);
    this.json = json;
  }

  @Override
  public ServerServiceDefinition definition() {
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(STATE, ServerCalls.asyncUnaryCall(this::answer))
        .build();
  }

  private void answer(byte[] question, StreamObserver<byte[]> answer) {
    byte[] view;
    try {
      view = json.writeValueAsBytes(own.view());
    } catch (IOException e) {
      answer.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asException());
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer.onError(Status.CANCELLED.asException());
      return;
    }
    answer.onNext(view);
    answer.onCompleted();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
