package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PodSharesTest {
  @Test
  void shares_giveEachActivatorItsOwnPods_andDivideTheRest() {
    List<PodAddress> pods = pods(7);

    List<PodShare> share = PodShares.of(pods, 10, 1, 3);

    assertEquals(
        List.of(
            new PodShare(pods.get(1), 10),
            new PodShare(pods.get(4), 10),
            new PodShare(pods.get(6), 4)),
        share);
  }

  @Test
  void shares_areAllPods_forOneActivator_orOneThatIsNotListed() {
    assertEquals(3, PodShares.of(pods(3), 1, 0, 1).size());
    assertEquals(3, PodShares.of(pods(3), 1, -1, 5).size());
  }

  @Test
  void shares_coverEachPod_andExceedItByRoundingOnly() {
    for (int pods = 0; pods < 12; pods++) {
      for (int activators = 1; activators < 6; activators++) {
        for (int concurrency = 1; concurrency < 12; concurrency++) {
          Map<PodAddress, Integer> sums = new HashMap<>();
          for (int self = 0; self < activators; self++) {
            PodShares.of(pods(pods), concurrency, self, activators)
                .forEach(share -> sums.merge(share.pod(), share.concurrency(), Integer::sum));
          }
          assertEquals(pods, sums.size());
          for (int sum : sums.values()) {
            assertTrue(sum >= concurrency && sum < concurrency + activators, "sum " + sum);
          }
        }
      }
    }
  }

  @Test
  void shares_areUnlimited_whenPodsAre() {
    assertEquals(PodShare.UNLIMITED, PodShares.of(pods(1), 0, 0, 2).getFirst().concurrency());
  }

  private static List<PodAddress> pods(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new PodAddress("10.0.0." + i, 8012, "n", ""))
        .toList();
  }
}
