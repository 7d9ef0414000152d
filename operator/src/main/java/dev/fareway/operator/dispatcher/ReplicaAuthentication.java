package dev.fareway.operator.dispatcher;

import dev.fareway.operator.certificates.Certificates;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Lets in the replicas of this operator, known by the certificate that they share. */
final class ReplicaAuthentication implements ServerInterceptor {
  private final Certificates certificates;

  ReplicaAuthentication(Certificates certificates) {
    this.certificates = certificates;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (isReplica(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION))) {
      return next.startCall(call, headers);
    }
    call.close(
        Status.UNAUTHENTICATED.withDescription("this is for the operator's replicas"),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private boolean isReplica(@Nullable SSLSession session) {
    if (session == null) {
      return false;
    }
    try {
      Certificate[] shown = session.getPeerCertificates();
      // Again, though the handshake has looked: that may be an hour ago.
      return shown.length > 0 && certificates.isOwn(shown[0]);
    } catch (SSLPeerUnverifiedException e) {
      return false;
    }
  }
}
