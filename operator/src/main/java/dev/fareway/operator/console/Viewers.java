package dev.fareway.operator.console;

import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may look. What the API server has said of a token holds for half a minute, a refusal for ten
 * seconds; so a page that asks every two seconds costs two reviews in half a minute. Tokens are not
 * kept, only their digests. Thread-safe.
 */
final class Viewers {
  private static final long ALLOWED_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long REFUSED_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_KNOWN = 1_000;
  private static final int MOST_REVIEWS = 8;
  private static final long PATIENCE_SECONDS = 5;

  /** What is to be answered. */
  sealed interface Verdict {
    /** Go on. */
    record Allowed(String user) implements Verdict {}

    /** The token is nobody's: 401. */
    record Unknown() implements Verdict {}

    /** It is somebody's who may not: 403. */
    record Forbidden(String user) implements Verdict {}

    /** It can't be told now: 503. */
    record Unsure(String why) implements Verdict {}
  }

  private record Known(Verdict verdict, long untilNanos) {}

  private final Reviews reviews;
  private final LongSupplier nanos;
  private final Semaphore permits = new Semaphore(MOST_REVIEWS);

  /** By the token's digest, the oldest first. */
  private final Map<ByteBuffer, Known> known =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Known> eldest) {
          return size() > MOST_KNOWN;
        }
      };

  Viewers(Reviews reviews, LongSupplier nanos) {
    this.reviews = reviews;
    this.nanos = nanos;
  }

  /** Judges who shows a token; waits for the API server if it was not asked lately. */
  Verdict judge(String token) throws InterruptedException {
    ByteBuffer digest = digest(token);
    Optional<Verdict> remembered = remembered(digest);
    if (remembered.isPresent()) {
      return remembered.get();
    }
    if (!permits.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      return new Verdict.Unsure("too many ask at once");
    }
    try {
      Verdict verdict = review(token);
      if (!(verdict instanceof Verdict.Unsure)) {
        remember(digest, verdict);
      }
      return verdict;
    } finally {
      permits.release();
    }
  }

  private Verdict review(String token) {
    try {
      @Nullable UserInfo user = reviews.who(token).orElse(null);
      if (user == null) {
        return new Verdict.Unknown();
      }
      return reviews.mayRead(user)
          ? new Verdict.Allowed(user.getUsername())
          : new Verdict.Forbidden(user.getUsername());
    } catch (IOException e) {
      return new Verdict.Unsure(String.valueOf(e.getMessage()));
    }
  }

  private synchronized Optional<Verdict> remembered(ByteBuffer digest) {
    Known of = known.get(digest);
    return of == null || nanos.getAsLong() - of.untilNanos >= 0
        ? Optional.empty()
        : Optional.of(of.verdict);
  }

  private synchronized void remember(ByteBuffer digest, Verdict verdict) {
    long holds = verdict instanceof Verdict.Allowed ? ALLOWED_NANOS : REFUSED_NANOS;
    // Anew, so that it stands behind those that are older.
    known.remove(digest);
    known.put(digest, new Known(verdict, nanos.getAsLong() + holds));
  }

  private static ByteBuffer digest(String token) {
    try {
      return ByteBuffer.wrap(
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}
