package dev.fareway.operator.priceclass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.CpuPolicy;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import dev.fareway.crds.SwapPolicy;
import dev.fareway.operator.priceclass.PriceClassRanking.Standing;
import dev.fareway.operator.priceclass.PriceClassRanking.Verdict;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class PriceClassRankingTest {
  @Test
  void rank_followsThePrice_andTheCheapestStaysOffRealTime() {
    Map<String, Verdict> verdicts =
        PriceClassRanking.rank(
            List.of(
                priceClass("standard", "1.5u", 1),
                priceClass("interactive", "2u", 2),
                priceClass("batch", "500n", 3)));

    assertEquals(new Standing(0, null, 1, false), standing(verdicts, "batch"));
    assertEquals(new Standing(1, 1, 100, false), standing(verdicts, "standard"));
    assertEquals(new Standing(2, 3, 10_000, false), standing(verdicts, "interactive"));
    assertTrue(verdicts.values().stream().allMatch(verdict -> verdict.problem().isEmpty()));
  }

  @Test
  void rank_namesBothObjects_whenTwoHaveOnePrice_andTheOlderCounts() {
    Map<String, Verdict> verdicts =
        PriceClassRanking.rank(
            List.of(priceClass("young", "2u", 2), priceClass("old", "2000n", 1)));

    assertEquals(0, standing(verdicts, "old").rank());
    Verdict young = verdicts.get("young");
    assertTrue(young.standing().isEmpty());
    assertEquals("DuplicatePrice", young.problem().orElseThrow().reason());
    String message = young.problem().orElseThrow().message();
    assertTrue(message.contains("old") && message.contains("young"), message);
  }

  @Test
  void rank_namesBothObjects_whenTwoAreTheDefault_butRanksBoth() {
    Map<String, Verdict> verdicts =
        PriceClassRanking.rank(List.of(defaultClass("b", "2u", 2), defaultClass("a", "1u", 1)));

    assertEquals(new Standing(0, null, 1, true), standing(verdicts, "a"));
    assertEquals(new Standing(1, 1, 10_000, false), standing(verdicts, "b"));
    var problem = verdicts.get("b").problem().orElseThrow();
    assertEquals("DuplicateDefault", problem.reason());
    assertTrue(problem.message().contains("a and b"), problem.message());
  }

  @Test
  void rank_leavesOutAClassWithoutAPrice_andSaysSo() {
    Map<String, Verdict> verdicts =
        PriceClassRanking.rank(List.of(priceClass("free", "0", 1), priceClass("batch", "1u", 2)));

    assertEquals("InvalidPrice", verdicts.get("free").problem().orElseThrow().reason());
    assertEquals(0, standing(verdicts, "batch").rank());
  }

  @Test
  void rank_keepsAWeightedClassOffRealTime() {
    var weighted =
        named(
            "w",
            1,
            new PriceClassSpec(
                new Quantity("9u"),
                false,
                SwapPolicy.NEVER,
                new PriceClassSpec.Cpu(CpuPolicy.WEIGHTED)));

    Map<String, Verdict> verdicts =
        PriceClassRanking.rank(List.of(weighted, priceClass("batch", "1u", 2)));

    assertNull(standing(verdicts, "w").realtimePriority());
  }

  @Test
  void rank_keepsPrioritiesBelowTheKernelsThreads_withManyClasses() {
    var classes = new ArrayList<PriceClass>();
    for (int i = 1; i <= 30; i++) {
      classes.add(priceClass("c" + i, i + "u", i));
    }

    Map<String, Verdict> verdicts = PriceClassRanking.rank(classes);

    assertEquals(39, standing(verdicts, "c30").realtimePriority());
    assertNull(
        standing(verdicts, "c10").realtimePriority(),
        "the cheaper ones share the normal scheduler");
    assertEquals(1, standing(verdicts, "c11").realtimePriority());
    assertEquals(10_000, standing(verdicts, "c30").cpuWeight());
  }

  private static Standing standing(Map<String, Verdict> verdicts, String name) {
    return verdicts.get(name).standing().orElseThrow();
  }

  private static PriceClass priceClass(String name, String price, int age) {
    return named(name, age, PriceClassSpec.ofPrice(price));
  }

  private static PriceClass defaultClass(String name, String price, int age) {
    return named(
        name,
        age,
        new PriceClassSpec(
            new Quantity(price), true, SwapPolicy.UNDER_PRESSURE, PriceClassSpec.Cpu.AUTO));
  }

  private static PriceClass named(String name, int age, PriceClassSpec spec) {
    var priceClass = new PriceClass();
    priceClass.setMetadata(
        new ObjectMetaBuilder()
            .withName(name)
            .withCreationTimestamp("2026-01-01T00:00:%02dZ".formatted(age))
            .build());
    priceClass.setSpec(spec);
    return priceClass;
  }
}
