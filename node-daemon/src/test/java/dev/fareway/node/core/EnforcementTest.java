package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class EnforcementTest {
  private static final Capabilities ALL =
      new Capabilities(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  private static final Capabilities NO_REAL_TIME =
      new Capabilities(Optional.empty(), Optional.of("EPERM"), Optional.empty(), Optional.empty());
  private static final Capabilities IDLE_ONLY =
      new Capabilities(
          Optional.empty(), Optional.of("EPERM"), Optional.of("no controller"), Optional.empty());
  private static final ClassStanding DEAR = new ClassStanding(2, OptionalInt.of(3), 10_000);
  private static final ClassStanding MIDDLE = new ClassStanding(1, OptionalInt.of(1), 100);
  private static final ClassStanding CHEAP = new ClassStanding(0, OptionalInt.empty(), 1);

  @Test
  void choose_takesRealTime_whereTheKernelAllowsIt() {
    Enforcement enforcement = Enforcement.choose(Mode.AUTO, ALL);

    assertEquals(Enforcement.Kind.REAL_TIME, enforcement.kind());
    assertEquals(new ThreadPolicy.RealTime(3), enforcement.threadPolicy(DEAR, false, 0));
    assertEquals(new ThreadPolicy.RealTime(1), enforcement.threadPolicy(MIDDLE, false, 0));
    assertEquals(new ThreadPolicy.Idle(), enforcement.threadPolicy(CHEAP, false, 0));
  }

  @Test
  void threadPolicy_putsTheSidecarOneAboveItsFunction_butNotAboveTheNextClass() {
    Enforcement enforcement = Enforcement.choose(Mode.AUTO, ALL);

    assertEquals(new ThreadPolicy.RealTime(2), enforcement.threadPolicy(MIDDLE, true, 0));
    assertEquals(new ThreadPolicy.Idle(), enforcement.threadPolicy(CHEAP, true, 0));
  }

  @Test
  void threadPolicy_leavesRanksBelowTheFloorOnTheNormalScheduler() {
    Enforcement enforcement = Enforcement.choose(Mode.AUTO, ALL);

    assertEquals(new ThreadPolicy.Normal(), enforcement.threadPolicy(MIDDLE, false, 2));
    assertEquals(new ThreadPolicy.RealTime(3), enforcement.threadPolicy(DEAR, false, 2));
  }

  @Test
  void choose_fallsBackToWeights_andSaysWhy() {
    Enforcement enforcement = Enforcement.choose(Mode.REAL_TIME, NO_REAL_TIME);

    assertEquals(Enforcement.Kind.WEIGHTED, enforcement.kind());
    assertTrue(enforcement.byWeight());
    assertTrue(enforcement.message().contains("EPERM"), enforcement.message());
    assertEquals(new ThreadPolicy.Normal(), enforcement.threadPolicy(DEAR, false, 0));
  }

  @Test
  void choose_usesIdleThreads_whenThereIsNothingElse() {
    Enforcement enforcement = Enforcement.choose(Mode.AUTO, IDLE_ONLY);

    assertEquals(Enforcement.Kind.WEIGHTED, enforcement.kind());
    assertEquals(new ThreadPolicy.Idle(), enforcement.threadPolicy(CHEAP, false, 0));
    assertTrue(enforcement.message().contains("no controller"), enforcement.message());
  }

  @Test
  void choose_doesNothing_whenOffOrBlind() {
    var blind =
        new Capabilities(
            Optional.of("no cgroups"), Optional.of("x"), Optional.of("x"), Optional.of("x"));

    assertEquals(Enforcement.Kind.OFF, Enforcement.choose(Mode.OFF, ALL).kind());
    assertEquals(Enforcement.Kind.UNAVAILABLE, Enforcement.choose(Mode.AUTO, blind).kind());
    assertEquals(
        new ThreadPolicy.Normal(), Enforcement.choose(Mode.OFF, ALL).threadPolicy(CHEAP, false, 0));
  }

  @Test
  void choose_takesWeights_whenAskedTo() {
    assertEquals(Enforcement.Kind.WEIGHTED, Enforcement.choose(Mode.WEIGHTED, ALL).kind());
  }
}
