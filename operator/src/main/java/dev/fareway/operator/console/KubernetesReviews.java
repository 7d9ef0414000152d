package dev.fareway.operator.console;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Asks by TokenReview and SubjectAccessReview, for the verb {@code get} on the non-resource URL
 * {@code /console/state}.
 */
final class KubernetesReviews implements Reviews {
  private final KubernetesClient client;
  private final List<String> audiences;

  KubernetesReviews(KubernetesClient client, List<String> audiences) {
    this.client = client;
    this.audiences = List.copyOf(audiences);
  }

  @Override
  public Optional<UserInfo> who(String token) throws IOException {
    TokenReview review =
        new TokenReviewBuilder()
            .withNewSpec()
            .withToken(token)
            .withAudiences(audiences)
            .endSpec()
            .build();
    TokenReviewStatus status;
    try {
      status = client.resource(review).create().getStatus();
    } catch (KubernetesClientException e) {
      // Without its cause: that may hold the request, and the request the token.
      throw new IOException("the API server does not review tokens now (code " + e.getCode() + ")");
    }
    if (status == null
        || !Boolean.TRUE.equals(status.getAuthenticated())
        || Collections.disjoint(status.getAudiences(), audiences)) {
      return Optional.empty();
    }
    return Optional.ofNullable(status.getUser())
        .filter(user -> user.getUsername() != null && !user.getUsername().isEmpty());
  }

  @Override
  public boolean mayRead(UserInfo user) throws IOException {
    SubjectAccessReview review =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(user.getUsername())
            .withUid(user.getUid())
            .withGroups(user.getGroups())
            .withExtra(user.getExtra())
            .withNewNonResourceAttributes()
            .withPath(ConsoleServer.STATE)
            .withVerb("get")
            .endNonResourceAttributes()
            .endSpec()
            .build();
    try {
      SubjectAccessReview answer = client.resource(review).create();
      return answer.getStatus() != null && Boolean.TRUE.equals(answer.getStatus().getAllowed());
    } catch (KubernetesClientException e) {
      throw new IOException(
          "the API server does not review access now (code " + e.getCode() + ")", e);
    }
  }
}
