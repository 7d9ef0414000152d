package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnforcementTest {

  private static final Optional<String> YES = Optional.empty();
  private static final ClassStanding BATCH = new ClassStanding(0, OptionalInt.empty(), 1);
  private static final ClassStanding STANDARD = new ClassStanding(1, OptionalInt.of(1), 100);
  private static final ClassStanding INTERACTIVE = new ClassStanding(2, OptionalInt.of(3), 10_000);

  private static Optional<String> no(String why) {
    return Optional.of(why);
  }

  @Test
  void threadPolicy_followsRealtimePriority_whenTheKernelAllowsIt() {
    var enforcement = Enforcement.choose(Mode.AUTO, new Capabilities(YES, YES, no("off"), YES));

    assertEquals(Enforcement.Kind.REAL_TIME, enforcement.kind());
    assertEquals(new ThreadPolicy.RealTime(3), enforcement.threadPolicy(INTERACTIVE, false, 0));
    assertEquals(new ThreadPolicy.RealTime(1), enforcement.threadPolicy(STANDARD, false, 0));
    assertEquals(new ThreadPolicy.Idle(), enforcement.threadPolicy(BATCH, false, 0));
  }

  @Test
  void threadPolicy_putsSidecarOneAbove_butNotAboveTheNextClass() {
    var enforcement = Enforcement.choose(Mode.AUTO, new Capabilities(YES, YES, YES, YES));

    assertEquals(new ThreadPolicy.RealTime(4), enforcement.threadPolicy(INTERACTIVE, true, 0));
    assertEquals(new ThreadPolicy.RealTime(2), enforcement.threadPolicy(STANDARD, true, 0));
  }

  @Test
  void threadPolicy_leavesRealTime_belowTheFloor() {
    var withWeights = Enforcement.choose(Mode.AUTO, new Capabilities(YES, YES, YES, YES));
    var without = Enforcement.choose(Mode.AUTO, new Capabilities(YES, YES, no("off"), YES));

    assertEquals(new ThreadPolicy.Normal(), withWeights.threadPolicy(STANDARD, false, 2));
    assertEquals(new ThreadPolicy.Nice(10), without.threadPolicy(STANDARD, false, 2));
    assertEquals(new ThreadPolicy.RealTime(3), without.threadPolicy(INTERACTIVE, false, 2));
  }

  @Test
  void choose_fallsBackToWeights_andSaysWhy() {
    var enforcement =
        Enforcement.choose(Mode.REAL_TIME, new Capabilities(YES, no("EPERM here"), YES, YES));

    assertEquals(Enforcement.Kind.WEIGHTED, enforcement.kind());
    assertTrue(enforcement.message().contains("EPERM here"), enforcement.message());
    assertEquals(new ThreadPolicy.Normal(), enforcement.threadPolicy(INTERACTIVE, true, 0));
    assertEquals(new PodShare.Weight(10_000), enforcement.podShare(INTERACTIVE));
    assertEquals(new PodShare.Idle(), enforcement.podShare(BATCH));
  }

  @Test
  void choose_fallsBackToNiceValues_whenThereAreNoWeights() {
    var enforcement =
        Enforcement.choose(Mode.WEIGHTED, new Capabilities(YES, YES, no("no cpu controller"), YES));

    assertEquals(Enforcement.Kind.WEIGHTED, enforcement.kind());
    assertTrue(enforcement.message().contains("--mode Weighted"), enforcement.message());
    assertTrue(enforcement.message().contains("no cpu controller"), enforcement.message());
    assertEquals(new ThreadPolicy.Nice(0), enforcement.threadPolicy(INTERACTIVE, false, 0));
    assertEquals(new ThreadPolicy.Nice(10), enforcement.threadPolicy(STANDARD, false, 0));
    assertEquals(new ThreadPolicy.Idle(), enforcement.threadPolicy(BATCH, false, 0));
    assertEquals(new PodShare.Untouched(), enforcement.podShare(BATCH));
  }

  @Test
  void choose_isUnavailable_whenNothingIsAllowed() {
    var enforcement =
        Enforcement.choose(
            Mode.AUTO, new Capabilities(YES, no("not root"), no("read-only"), no("not root")));

    assertEquals(Enforcement.Kind.UNAVAILABLE, enforcement.kind());
    assertFalse(enforcement.kind().isInForce());
    assertEquals(new ThreadPolicy.Normal(), enforcement.threadPolicy(BATCH, false, 0));
    assertEquals(new PodShare.Untouched(), enforcement.podShare(BATCH));
  }

  @Test
  void choose_isUnavailable_whenPodsCannotBeFound() {
    var enforcement =
        Enforcement.choose(Mode.AUTO, new Capabilities(no("no such directory"), YES, YES, YES));

    assertEquals(Enforcement.Kind.UNAVAILABLE, enforcement.kind());
    assertTrue(enforcement.message().contains("no such directory"), enforcement.message());
  }

  @Test
  void mayImprove_onlyWhereCgroupsCouldNotBeWritten() {
    var nothing =
        Enforcement.choose(Mode.AUTO, new Capabilities(no("gone"), no("gone"), no("gone"), YES));
    var byNice =
        Enforcement.choose(Mode.AUTO, new Capabilities(YES, no("read-only"), no("read-only"), YES));
    var byWeight = Enforcement.choose(Mode.AUTO, new Capabilities(YES, no("EPERM"), YES, YES));
    var realTime = Enforcement.choose(Mode.AUTO, new Capabilities(YES, YES, no("off"), YES));
    var off = Enforcement.choose(Mode.OFF, new Capabilities(YES, YES, YES, YES));

    assertTrue(nothing.mayImprove());
    assertTrue(byNice.mayImprove());
    assertFalse(byWeight.mayImprove());
    assertFalse(realTime.mayImprove());
    assertFalse(off.mayImprove());
  }

  @Test
  void choose_isOff_whenAskedFor() {
    var enforcement = Enforcement.choose(Mode.OFF, new Capabilities(YES, YES, YES, YES));

    assertEquals(Enforcement.Kind.OFF, enforcement.kind());
    assertEquals(new ThreadPolicy.Normal(), enforcement.threadPolicy(INTERACTIVE, false, 0));
  }

  @ParameterizedTest
  @CsvSource({"10000, 0", "1000, 5", "100, 10", "10, 14", "1, 19"})
  void niceOfWeight_takesEqualStepsForEqualRatios(int weight, int nice) {
    assertEquals(new ThreadPolicy.Nice(nice), ThreadPolicy.Nice.ofWeight(weight));
  }
}
