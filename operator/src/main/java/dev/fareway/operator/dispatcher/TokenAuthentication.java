package dev.fareway.operator.dispatcher;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Lets in who shows a service account token that proves it to be who the called service is for: a
 * node's daemon, or an activator; by a TokenReview. Reviews wait for the API server, a bounded
 * number at once; calls come on threads that may wait.
 */
final class TokenAuthentication implements ServerInterceptor {
  private static final Logger LOG = Logger.getLogger(TokenAuthentication.class);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String BEARER = "Bearer ";
  private static final int MAX_TOKEN = 16_384;
  private static final int MAX_REVIEWS = 32;
  private static final long PATIENCE_SECONDS = 20;

  private final KubernetesClient client;
  private final Map<String, TokenJudge> judges;
  private final Semaphore reviews = new Semaphore(MAX_REVIEWS);

  /**
   * An authentication.
   *
   * @param judges who may call a service, by the service's name; no one may call others
   */
  TokenAuthentication(KubernetesClient client, Map<String, TokenJudge> judges) {
    this.client = client;
    this.judges = Map.copyOf(judges);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String header = headers.get(AUTHORIZATION);
    if (header == null || !header.startsWith(BEARER) || header.length() > MAX_TOKEN) {
      return refuse(
          call, Status.UNAUTHENTICATED.withDescription("show a service account token (Bearer)"));
    }
    TokenJudge judge = judges.get(call.getMethodDescriptor().getServiceName());
    if (judge == null) {
      return refuse(call, Status.PERMISSION_DENIED.withDescription("no one may call this"));
    }
    TokenJudge.Verdict verdict;
    try {
      verdict = review(judge, header.substring(BEARER.length()));
    } catch (KubernetesClientException e) {
      // The exception may hold the request, and the request the token.
      LOG.warnf("A caller's token could not be reviewed (code %d)", e.getCode());
      return refuse(call, Status.UNAVAILABLE.withDescription("the token can't be reviewed now"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return refuse(call, Status.UNAVAILABLE);
    }
    return switch (verdict) {
      case TokenJudge.Verdict.Proven(String name) ->
          Contexts.interceptCall(
              Context.current().withValue(CallerIdentity.NAME, name), call, headers, next);
      case TokenJudge.Verdict.Unknown(String why) ->
          refuse(call, Status.UNAUTHENTICATED.withDescription(why));
      case TokenJudge.Verdict.Refused(String why) ->
          refuse(call, Status.PERMISSION_DENIED.withDescription(why));
    };
  }

  private TokenJudge.Verdict review(TokenJudge judge, String token) throws InterruptedException {
    if (!reviews.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new KubernetesClientException("too many reviews are under way");
    }
    try {
      TokenReview review =
          new TokenReviewBuilder()
              .withNewSpec()
              .withToken(token)
              .withAudiences(judge.audience())
              .endSpec()
              .build();
      TokenReview answer = client.resource(review).create();
      return answer.getStatus() == null
          ? new TokenJudge.Verdict.Unknown("the token is not valid")
          : judge.judge(answer.getStatus());
    } finally {
      reviews.release();
    }
  }

  private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
    call.close(status, new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
