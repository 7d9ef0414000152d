package dev.fareway.operator.dispatcher;

import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Judges what the API server says of a token: only the service accounts of one kind of caller, and
 * each only in the name of what its token is bound to: a node daemon in that of its node, an
 * activator in that of its pod. Pure.
 */
final class TokenJudge {
  /** Set by the API server from the pod that the token is bound to (Kubernetes 1.30 and later). */
  static final String NODE_NAME = "authentication.kubernetes.io/node-name";

  /** Set by the API server likewise. */
  static final String POD_NAME = "authentication.kubernetes.io/pod-name";

  private final String audience;
  private final Set<String> users;
  private final String boundTo;

  /**
   * A judge.
   *
   * @param audience what the token must be made for, so that one made for others is of no use here
   * @param users the callers' user names, {@code system:serviceaccount:NAMESPACE:NAME}
   * @param boundTo {@link #NODE_NAME} or {@link #POD_NAME}: what the caller is known by
   */
  TokenJudge(String audience, Set<String> users, String boundTo) {
    this.audience = audience;
    this.users = new TreeSet<>(users);
    this.boundTo = boundTo;
  }

  /** What became of it. */
  sealed interface Verdict {
    /** It proves the caller to be that node's daemon, or that activator. */
    record Proven(String name) implements Verdict {}

    /** The API server does not know the token. */
    record Unknown(String why) implements Verdict {}

    /** It is somebody, but not who may call here. */
    record Refused(String why) implements Verdict {}
  }

  /** What tokens must be made for. */
  String audience() {
    return audience;
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
    if (who == null || who.getUsername() == null || !users.contains(who.getUsername())) {
      return new Verdict.Refused(
          "the token is that of %s, not of %s"
              .formatted(who == null ? "nobody" : who.getUsername(), String.join(" or ", users)));
    }
    Map<String, List<String>> extra = who.getExtra() == null ? Map.of() : who.getExtra();
    List<String> names = extra.getOrDefault(boundTo, List.of());
    if (names.size() != 1 || names.getFirst().isEmpty()) {
      return new Verdict.Refused("the token is bound to no pod on a node");
    }
    return new Verdict.Proven(names.getFirst());
  }
}
