package dev.fareway.operator.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fareway.operator.console.Viewers.Verdict;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authentication.UserInfoBuilder;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ViewersTest {
  private final FakeReviews reviews = new FakeReviews();
  private long now;
  private final Viewers viewers = new Viewers(reviews, () -> now);

  @Test
  void judge_allows_whoMayRead() throws InterruptedException {
    reviews.tokens.put("t", "alice");
    reviews.readers.add("alice");

    assertEquals(new Verdict.Allowed("alice"), viewers.judge("t"));
  }

  @Test
  void judge_forbids_whoMayNot() throws InterruptedException {
    reviews.tokens.put("t", "mallory");

    assertEquals(new Verdict.Forbidden("mallory"), viewers.judge("t"));
  }

  @Test
  void judge_knowsNobody_byAStrangeToken() throws InterruptedException {
    assertEquals(new Verdict.Unknown(), viewers.judge("t"));
  }

  @Test
  void judge_asksOnce_asLongAsAnAnswerHolds() throws InterruptedException {
    reviews.tokens.put("t", "alice");
    reviews.readers.add("alice");
    viewers.judge("t");
    now += TimeUnit.SECONDS.toNanos(29);
    viewers.judge("t");
    assertEquals(1, reviews.asked);

    now += TimeUnit.SECONDS.toNanos(1);
    reviews.readers.remove("alice");
    assertEquals(new Verdict.Forbidden("alice"), viewers.judge("t"));
  }

  @Test
  void judge_letsIn_whoWasGivenTheRightMeanwhile() throws InterruptedException {
    reviews.tokens.put("t", "alice");
    viewers.judge("t");
    reviews.readers.add("alice");
    now += TimeUnit.SECONDS.toNanos(10);

    assertEquals(new Verdict.Allowed("alice"), viewers.judge("t"));
  }

  @Test
  void judge_isUnsure_andKeepsNothing_whileTheApiServerDoesNotAnswer() throws InterruptedException {
    reviews.tokens.put("t", "alice");
    reviews.readers.add("alice");
    reviews.failing = true;
    assertEquals(new Verdict.Unsure("down"), viewers.judge("t"));

    reviews.failing = false;
    assertEquals(new Verdict.Allowed("alice"), viewers.judge("t"));
  }

  @Test
  void judge_forgetsTheOldest_whenThousandsOfTokensAreTried() throws InterruptedException {
    reviews.tokens.put("t", "alice");
    viewers.judge("t");
    for (int i = 0; i < 2_000; i++) {
      viewers.judge("guess-" + i);
    }
    viewers.judge("t");

    assertEquals(2_002, reviews.asked);
  }

  private static final class FakeReviews implements Reviews {
    final Map<String, String> tokens = new HashMap<>();
    final Set<String> readers = new HashSet<>();
    int asked;
    boolean failing;

    @Override
    public Optional<UserInfo> who(String token) throws IOException {
      asked++;
      if (failing) {
        throw new IOException("down");
      }
      return Optional.ofNullable(tokens.get(token))
          .map(name -> new UserInfoBuilder().withUsername(name).build());
    }

    @Override
    public boolean mayRead(UserInfo user) {
      return readers.contains(user.getUsername());
    }
  }
}
