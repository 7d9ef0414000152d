package dev.fareway.node.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LooksTest {
  private static final Looks.Subject POD = new Looks.Subject("a", null);
  private static final Looks.Subject CONTAINER = new Looks.Subject("a", Path.of("/a/b"));

  private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1);
  private final List<Looks.Subject> seen = new CopyOnWriteArrayList<>();
  private volatile int emptyLooks;
  private final Looks looks = new Looks(thread, this::look);

  private boolean look(Looks.Subject subject) {
    seen.add(subject);
    return subject.equals(CONTAINER)
        && seen.stream().filter(CONTAINER::equals).count() <= emptyLooks;
  }

  @AfterEach
  void end() {
    thread.shutdownNow();
  }

  /** Nothing is done, and nothing is to be done later. */
  private void awaitCalm() throws InterruptedException {
    var waiting = Executors.newSingleThreadScheduledExecutor();
    try {
      var calm = new CountDownLatch(1);
      var _ =
          waiting.scheduleWithFixedDelay(
              () -> {
                if (thread.getQueue().isEmpty() && thread.getActiveCount() == 0) {
                  calm.countDown();
                }
              },
              10,
              10,
              TimeUnit.MILLISECONDS);
      assertTrue(calm.await(30, TimeUnit.SECONDS));
    } finally {
      waiting.shutdownNow();
    }
  }

  @Test
  void told_looksOnceAndAFewTimesLater_howeverOftenItIsToldBefore() throws Exception {
    var held = new CountDownLatch(1);
    thread.execute(
        () -> {
          try {
            held.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    for (int i = 0; i < 100; i++) {
      looks.told(POD);
      looks.told(CONTAINER);
    }
    held.countDown();
    awaitCalm();

    assertEquals(5, seen.stream().filter(POD::equals).count());
    assertEquals(5, seen.stream().filter(CONTAINER::equals).count());
  }

  @Test
  void told_looksMoreOften_whileAContainerIsEmpty() throws Exception {
    emptyLooks = 3;
    looks.told(CONTAINER);
    awaitCalm();

    // Three that found nothing, one that found something, and the later ones from there.
    assertEquals(3 + 1 + 4, seen.size());

    seen.clear();
    emptyLooks = Integer.MAX_VALUE;
    looks.told(CONTAINER);
    awaitCalm();

    assertEquals(10, seen.size());
  }

  @Test
  void told_looksAgain_whenTheLaterLooksAreOver() throws Exception {
    looks.told(POD);
    awaitCalm();
    looks.told(POD);
    awaitCalm();

    assertEquals(10, seen.size());
  }

  @Test
  void told_doesNothing_onceTheThreadHasEnded() {
    thread.shutdownNow();

    looks.told(POD);

    assertEquals(List.of(), seen);
  }
}
