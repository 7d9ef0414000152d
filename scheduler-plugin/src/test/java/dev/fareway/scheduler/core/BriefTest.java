package dev.fareway.scheduler.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

@NullUnmarked
class BriefTest {
  private static final long MIB = 1L << 20;

  @RepeatedTest(5)
  void whatFitsInBrief_fits_andWhatIsMissedIsAtMostAStep() {
    long seed = Seeds.next();
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      var has = new Room(upTo(random, 40), upTo(random, 50), upTo(random, 20));
      var needs = new Room(upTo(random, 40), upTo(random, 50), upTo(random, 20));
      var books = new NodeBooks();
      books.has(has);
      long brief = Brief.needs(needs);
      if (brief == Brief.TOO_MUCH) {
        continue;
      }
      boolean fits = Brief.fits(brief, books.brief(random.nextBoolean()));
      if (fits) {
        assertTrue(books.hasRoomFor(needs), () -> "seed " + seed + ": " + needs + " in " + has);
      } else if (needs.milliCpus() > 0 && needs.memoryBytes() > 0 && needs.pods() > 0) {
        var more =
            new Room(
                needs.milliCpus() + 16, needs.memoryBytes() + 2 * MIB, Math.max(1, needs.pods()));
        assertFalse(books.hasRoomFor(more), () -> "seed " + seed + ": " + needs + " in " + has);
      }
    }
  }

  @Test
  void brief_saysWhoCanBeAsked_andRoomThatIsOwedIsNone() {
    var books = new NodeBooks();
    books.take(new Room(100, MIB, 1));

    assertTrue(Brief.isReachable(books.brief(true)));
    assertFalse(Brief.isReachable(books.brief(false)));
    assertFalse(Brief.fits(Brief.needs(Room.ONE_POD), books.brief(true)));
    assertTrue(Brief.fits(Brief.needs(new Room(0, 0, 0)), books.brief(true)));
  }

  @Test
  void needs_thatANumberCanNotHold_areTooMuch() {
    assertEquals(Brief.TOO_MUCH, Brief.needs(new Room(1L << 40, 0, 1)));
    assertEquals(Brief.TOO_MUCH, Brief.needs(new Room(0, 1L << 60, 1)));
    assertEquals(Brief.TOO_MUCH, Brief.needs(new Room(0, 0, 1L << 20)));
    assertEquals(Brief.TOO_MUCH, Brief.needs(new Room(1, 1, 1, Map.of("gpu", 1L), List.of())));
  }

  /** Small numbers as often as large ones. */
  private static long upTo(SplittableRandom random, int bits) {
    return random.nextLong(1L << random.nextInt(1, bits));
  }
}
