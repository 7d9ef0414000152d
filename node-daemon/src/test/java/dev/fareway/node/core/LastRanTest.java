package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

class LastRanTest {
  private static final long SECOND = 1_000_000_000L;
  private final LastRan lastRan = new LastRan();

  @Test
  void note_isNow_forAFunctionThatIsNew_orThatHasUsedTheCpu() {
    assertEquals(SECOND, lastRan.note("a", 0, SECOND));
    assertEquals(2 * SECOND, lastRan.note("a", 10_001, 2 * SECOND));
  }

  @Test
  void note_staysAsItWas_forARuntimeThatTicksOver() {
    lastRan.note("a", 0, SECOND);

    assertEquals(SECOND, lastRan.note("a", 10_000, 2 * SECOND));
    assertEquals(SECOND, lastRan.note("a", 20_000, 3 * SECOND));
  }

  @Test
  void retain_forgetsTheOthers() {
    lastRan.note("a", 0, SECOND);
    lastRan.retain(Set.of("b"));

    assertEquals(2 * SECOND, lastRan.note("a", 0, 2 * SECOND));
  }
}
