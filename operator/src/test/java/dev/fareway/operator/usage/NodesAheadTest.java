package dev.fareway.operator.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodesAheadTest {
  private static NodeUsage of(String node, String month, int page) {
    var object = new NodeUsage();
    object.setSpec(new NodeUsageSpec(node, month, page));
    return object;
  }

  @Test
  void nodesThatChargeToAMonthToCome_areNamedOnce() {
    List<NodeUsage> objects =
        List.of(
            of("right", "2026-11", 0),
            of("behind", "1970-01", 0),
            of("z-ahead", "2036-11", 0),
            of("z-ahead", "2036-11", 1),
            of("a-ahead", "2026-12", 0),
            new NodeUsage());

    assertEquals(
        List.of("a-ahead", "z-ahead"),
        NodesAhead.of(objects, Instant.parse("2026-11-29T23:59:59Z")));
    assertEquals(List.of("z-ahead"), NodesAhead.of(objects, Instant.parse("2026-11-30T00:00:00Z")));
  }
}
