package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class CpuCeilingTest {
  @Test
  void millis_areWhatTheKernelTakes() {
    assertEquals("1000 1000000", CpuCeiling.ofMillis(1).text());
    assertEquals("9000 1000000", CpuCeiling.ofMillis(9).text());
    assertEquals("1000 100000", CpuCeiling.ofMillis(10).text());
    assertEquals("250000 100000", CpuCeiling.ofMillis(2500).text());
  }

  @Test
  void parse_readsWhatTheFileShows() {
    assertEquals(Optional.of(new CpuCeiling(10_000, 100_000)), CpuCeiling.parse("10000 100000"));
    assertEquals(Optional.empty(), CpuCeiling.parse("max 100000"));
    assertEquals(Optional.empty(), CpuCeiling.parse("0 100000"));
    assertEquals(Optional.empty(), CpuCeiling.parse(""));
  }

  @Test
  void ceilings_compareByTheirShare() {
    var small = new CpuCeiling(1000, 1_000_000);
    var large = new CpuCeiling(500, 100_000);
    assertTrue(small.isBelow(large));
    assertFalse(large.isBelow(small));
    assertFalse(small.isBelow(small));
    assertFalse(new CpuCeiling(Long.MAX_VALUE, 2).isBelow(small));
  }
}
