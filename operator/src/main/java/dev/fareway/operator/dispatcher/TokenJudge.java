package dev.fareway.operator.dispatcher;

import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.util.List;
import java.util.Map;

/**
 * Judges what the API server says of a token: only the node daemon's own service account, and only
 * in the name of the node that its pod runs on. Pure.
 */
final class TokenJudge {
  /** Set by the API server from the pod that the token is bound to (Kubernetes 1.30 and later). */
  static final String NODE_NAME = "authentication.kubernetes.io/node-name";

  private final String audience;
  private final String user;

  /**
   * A judge.
   *
   * @param audience what the token must be made for, so that one made for others is of no use here
   * @param user the daemon's user name, {@code system:serviceaccount:NAMESPACE:NAME}
   */
  TokenJudge(String audience, String user) {
    this.audience = audience;
    this.user = user;
  }

  /** What became of it. */
  sealed interface Verdict {
    /** It proves the caller to be that node's daemon. */
    record Node(String name) implements Verdict {}

    /** The API server does not know the token. */
    record Unknown(String why) implements Verdict {}

    /** It is somebody, but not a node's daemon. */
    record Refused(String why) implements Verdict {}
  }

  Verdict judge(TokenReviewStatus status) {
    if (!Boolean.TRUE.equals(status.getAuthenticated())) {
      return new Verdict.Unknown(
          status.getError() == null || status.getError().isEmpty()
              ? "the token is not valid"
              : "the token is not valid: " + status.getError());
    }
    if (!status.getAudiences().contains(audience)) {
      return new Verdict.Refused("the token is not for the audience " + audience);
    }
    UserInfo who = status.getUser();
    if (who == null || !user.equals(who.getUsername())) {
      return new Verdict.Refused(
          "the token is that of %s, not of %s"
              .formatted(who == null ? "nobody" : who.getUsername(), user));
    }
    Map<String, List<String>> extra = who.getExtra() == null ? Map.of() : who.getExtra();
    List<String> nodes = extra.getOrDefault(NODE_NAME, List.of());
    if (nodes.size() != 1 || nodes.getFirst().isEmpty()) {
      return new Verdict.Refused("the token is bound to no pod on a node");
    }
    return new Verdict.Node(nodes.getFirst());
  }
}
