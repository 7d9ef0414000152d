package dev.fareway.operator.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class FunctionMemoryTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MIB = 1L << 20;
  private final FunctionMemory memory = new FunctionMemory();

  @Test
  void perInstance_isWhatInstancesHeldOnAnAverage() {
    memory.began("shop/cart", 0);
    memory.began("shop/cart", 0);

    memory.used("shop/cart", 45_000 * MIB, 90 * SECOND);

    assertEquals(OptionalLong.of(250 * MIB), memory.perInstance("shop/cart"));
  }

  @Test
  void perInstance_isKnownStill_whenTheFunctionRunsNowhere() {
    memory.began("shop/cart", 0);
    memory.used("shop/cart", 100 * 200 * MIB, 100 * SECOND);
    memory.ended("shop/cart", 100 * SECOND);

    assertEquals(OptionalLong.of(200 * MIB), memory.perInstance("shop/cart"));
    // Time in which none runs doesn't count.
    memory.began("shop/cart", 10_000 * SECOND);
    memory.used("shop/cart", 100 * 400 * MIB, 10_100 * SECOND);
    assertEquals(OptionalLong.of(300 * MIB), memory.perInstance("shop/cart"));
  }

  @Test
  void perInstance_isUnknown_whenTooLittleWasSeen() {
    assertEquals(OptionalLong.empty(), memory.perInstance("shop/cart"));
    memory.began("shop/cart", 0);
    memory.used("shop/cart", 10 * MIB, 10 * SECOND);
    assertEquals(OptionalLong.empty(), memory.perInstance("shop/cart"));
    // No node meters it: it can run for as long as it wants.
    memory.began("shop/other", 0);
    memory.ended("shop/other", 10_000 * SECOND);
    assertEquals(OptionalLong.empty(), memory.perInstance("shop/other"));
  }

  @Test
  void perInstance_followsAFunctionThatChanges() {
    memory.began("f", 0);
    long now = 0;
    for (int day = 0; day < 10; day++) {
      now += 86_400 * SECOND;
      memory.used("f", 86_400L * 100 * MIB, now);
    }
    for (int day = 0; day < 4; day++) {
      now += 86_400 * SECOND;
      memory.used("f", 86_400L * 900 * MIB, now);
    }
    long last = memory.perInstance("f").orElseThrow();
    assertTrue(last > 800 * MIB && last < 900 * MIB, "after four days it is " + last / MIB);
  }

  @Test
  void functionsThatRunNowhere_areForgotten_whenTheyAreTooMany() {
    for (int i = 0; i < 2 * FunctionMemory.MAX_IDLE; i++) {
      memory.began("f" + i, i);
      memory.ended("f" + i, i);
    }
    assertEquals(FunctionMemory.MAX_IDLE, memory.size());
  }

  @Test
  void growth_isOverAllClasses_andOfWhatHasGrownOnly() {
    NodeUsage before =
        usage(of("cart", "dear", 100), of("cart", "cheap", 5), of("idle", "cheap", 7));
    NodeUsage now =
        usage(
            of("cart", "dear", 130),
            of("cart", "cheap", 6),
            of("idle", "cheap", 7),
            of("new", "cheap", 4));

    assertEquals(Map.of("shop/cart", 31L, "shop/new", 4L), FunctionMemoryFeed.growth(before, now));
  }

  private static NodeUsage usage(Usage... usage) {
    var object = new NodeUsage();
    object.setSpec(new NodeUsageSpec("node-1", "2026-11", 0));
    object.setStatus(new NodeUsageStatus(1, List.of(usage)));
    return object;
  }

  private static Usage of(String function, String priceClass, long byteSeconds) {
    return new Usage("shop", function, priceClass, 0, byteSeconds, 0, 0, 0, 0);
  }
}
