package dev.fareway.operator.dispatcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.fareway.operator.dispatcher.TokenJudge.Verdict;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatusBuilder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenJudgeTest {
  private static final String USER = "system:serviceaccount:fareway-system:fareway-node-daemon";
  private final TokenJudge judge =
      new TokenJudge("fareway-dispatcher", Set.of(USER), TokenJudge.NODE_NAME);

  @Test
  void daemonOfANode_isThatNode() {
    assertEquals(
        new Verdict.Proven("node-1"),
        judge.judge(
            review("fareway-dispatcher", USER, Map.of(TokenJudge.NODE_NAME, List.of("node-1")))));
  }

  @Test
  void tokenThatTheApiServerDoesNotKnow_isNobody() {
    var status =
        new TokenReviewStatusBuilder().withAuthenticated(false).withError("expired").build();

    assertEquals(new Verdict.Unknown("the token is not valid: expired"), judge.judge(status));
  }

  @Test
  void tokenForAnotherAudience_isRefused() {
    assertInstanceOf(
        Verdict.Refused.class,
        judge.judge(
            review(
                "https://kubernetes.default.svc",
                USER,
                Map.of(TokenJudge.NODE_NAME, List.of("node-1")))));
  }

  @Test
  void otherServiceAccount_isRefused() {
    assertInstanceOf(
        Verdict.Refused.class,
        judge.judge(
            review(
                "fareway-dispatcher",
                "system:serviceaccount:shop:fareway-node-daemon",
                Map.of(TokenJudge.NODE_NAME, List.of("node-1")))));
  }

  @Test
  void tokenThatIsBoundToNoNode_isRefused() {
    assertInstanceOf(
        Verdict.Refused.class, judge.judge(review("fareway-dispatcher", USER, Map.of())));
  }

  private static TokenReviewStatus review(
      String audience, String user, Map<String, List<String>> extra) {
    return new TokenReviewStatusBuilder()
        .withAuthenticated(true)
        .withAudiences(audience)
        .withNewUser()
        .withUsername(user)
        .withExtra(extra)
        .endUser()
        .build();
  }
}
