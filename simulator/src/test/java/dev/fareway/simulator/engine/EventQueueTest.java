package dev.fareway.simulator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventQueueTest {
  @Test
  void next_takesInOrderOfSetting_whenTimesAreEqual() {
    var queue = new EventQueue();
    int first = queue.slot(1, 10);
    int second = queue.slot(1, 20);
    queue.set(second, 5);
    queue.set(first, 5);
    queue.once(5, 2, 30, 7);

    assertTrue(queue.next());
    assertEquals(20, queue.subject());
    assertTrue(queue.next());
    assertEquals(10, queue.subject());
    assertTrue(queue.next());
    assertEquals(30, queue.subject());
    assertEquals(7, queue.detail());
    assertEquals(5, queue.nowNanos());
    assertFalse(queue.next());
  }

  @Test
  void set_refuses_whenTimeIsPast() {
    var queue = new EventQueue();
    queue.once(5, 0, 0, 0);
    queue.next();

    assertThrows(IllegalArgumentException.class, () -> queue.once(4, 0, 0, 0));
  }

  private record Expected(long time, long order, int subject) {}

  @Test
  void queue_agreesWithASortedSet_underRandomUse() {
    long seed = Long.getLong("fareway.seed", 7);
    System.out.println("fareway.seed=" + seed);
    var random = new SplittableRandom(seed);
    var queue = new EventQueue();
    var sorted =
        new TreeSet<>(Comparator.comparingLong(Expected::time).thenComparingLong(Expected::order));
    int lasting = 300;
    int[] slots = new int[lasting];
    @Nullable Expected[] set = new Expected[lasting];
    for (int i = 0; i < lasting; i++) {
      slots[i] = queue.slot(0, i);
    }
    long order = 0;
    for (int step = 0; step < 200_000; step++) {
      int choice = random.nextInt(10);
      int i = random.nextInt(lasting);
      if (choice < 5) {
        long time = queue.nowNanos() + random.nextInt(1000);
        Expected before = set[i];
        if (before == null || before.time != time) {
          if (before != null) {
            sorted.remove(before);
          }
          var next = new Expected(time, order++, i);
          set[i] = next;
          sorted.add(next);
        }
        queue.set(slots[i], time);
      } else if (choice < 6) {
        queue.clear(slots[i]);
        if (set[i] != null) {
          sorted.remove(set[i]);
          set[i] = null;
        }
      } else if (choice < 7) {
        long time = queue.nowNanos() + random.nextInt(1000);
        sorted.add(new Expected(time, order++, 1000 + step));
        queue.once(time, 1, 1000 + step, 0);
      } else {
        assertEquals(!sorted.isEmpty(), queue.next());
        if (!sorted.isEmpty()) {
          Expected next = Objects.requireNonNull(sorted.pollFirst());
          assertEquals(next.time, queue.nowNanos());
          assertEquals(next.subject, queue.subject());
          if (next.subject < lasting) {
            set[next.subject] = null;
          }
        }
      }
      assertEquals(sorted.size(), queue.size());
    }
  }
}
