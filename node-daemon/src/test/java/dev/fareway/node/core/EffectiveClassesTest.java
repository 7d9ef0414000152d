package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EffectiveClassesTest {
  private static final PricedClass CHEAP = priced("cheap", 0);
  private static final PricedClass MIDDLE = priced("middle", 1);
  private static final PricedClass DEAR = priced("dear", 2);
  private static final FunctionPod POD =
      new FunctionPod(new PodRef("shop", "home", "uid"), "home", MIDDLE, Map.of(), false);
  private static final long SECOND = EffectiveClasses.MAX_NANOS;

  /** Near the wrap: System.nanoTime may be anything. */
  private static final long NOW = Long.MAX_VALUE - Long.valueOf(SECOND) / 2;

  private final EffectiveClasses classes = new EffectiveClasses();

  private static PricedClass priced(String name, int rank) {
    return new PricedClass(name, 1, true, new ClassStanding(rank, OptionalInt.empty(), 100));
  }

  private String effective(long now) {
    return classes.effective(POD, now).priceClass().name();
  }

  @Test
  void pod_runsInTheHighestOfItsOwnAndItsInvocations() {
    assertSame(POD, classes.effective(POD, NOW));

    classes.raise("uid", "a", CHEAP, NOW, SECOND);
    assertEquals("middle", effective(NOW), "never below its own");
    classes.raise("uid", "b", DEAR, NOW, SECOND);
    assertEquals("dear", effective(NOW));
    classes.lower("uid", "a");
    assertEquals("dear", effective(NOW), "each lowers only its own");
    classes.lower("uid", "b");
    assertEquals("middle", effective(NOW));
  }

  @Test
  void raise_isOverAfterASecond_unlessSaidAgain() {
    classes.raise("uid", "a", DEAR, NOW, 60 * SECOND);

    assertEquals("dear", effective(NOW + SECOND - 1));
    assertEquals("middle", effective(NOW + SECOND));
    classes.raise("uid", "a", DEAR, NOW + SECOND / 2, SECOND);
    assertEquals("dear", effective(NOW + SECOND));
  }

  @Test
  void expire_saysWhomItConcerns() {
    classes.raise("uid", "a", DEAR, NOW, SECOND);
    classes.raise("uid", "b", DEAR, NOW, SECOND / 2);
    classes.raise("other", "a", DEAR, NOW, SECOND);

    assertEquals(OptionalLong.of(NOW + SECOND / 2), classes.nextExpiry(NOW));
    assertEquals(Set.of("uid"), classes.expire(NOW + SECOND / 2));
    assertEquals("dear", effective(NOW + SECOND / 2));
    assertEquals(Set.of("uid", "other"), classes.expire(NOW + SECOND));
    assertTrue(classes.nextExpiry(NOW).isEmpty());
  }

  @Test
  void pod_staysInWhatItsBudgetsCap_whateverItInherits() {
    var capped =
        new FunctionPod(
            POD.ref(),
            "home",
            MIDDLE,
            Map.of(),
            false,
            new BudgetCap(Optional.of(CHEAP), OptionalInt.empty()));
    assertEquals("cheap", classes.effective(capped, NOW).priceClass().name());
    classes.raise("uid", "a", DEAR, NOW, SECOND);
    assertEquals("cheap", classes.effective(capped, NOW).priceClass().name());
    var dearCap =
        new FunctionPod(
            POD.ref(),
            "home",
            CHEAP,
            Map.of(),
            false,
            new BudgetCap(Optional.of(MIDDLE), OptionalInt.empty()));
    assertEquals(
        "middle", classes.effective(dearCap, NOW).priceClass().name(), "inherits up to the cap");
    classes.lower("uid", "a");
    assertEquals(
        "cheap", classes.effective(dearCap, NOW).priceClass().name(), "a cap raises nobody");
  }
}
