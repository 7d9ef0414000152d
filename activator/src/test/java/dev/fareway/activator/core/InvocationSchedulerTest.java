package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.scheduler.core.PriceTable;
import dev.fareway.scheduler.core.PricedClass;
import dev.fareway.scheduler.core.QueueDiscipline;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InvocationSchedulerTest {
  private static final RevisionKey F = new RevisionKey("ns", "f");
  private static final RevisionKey G = new RevisionKey("ns", "g");
  private static final PodAddress F1 = new PodAddress("10.0.0.1", 8012, "n1", "");
  private static final PodAddress F2 = new PodAddress("10.0.0.2", 8012, "n2", "");
  private static final PodAddress G1 = new PodAddress("10.0.0.3", 8012, "n1", "");

  private final RecordingSink sink = new RecordingSink();
  private final PriceTable classes = new PriceTable();
  private final InvocationScheduler scheduler = scheduler(100, 1000);
  private long arrivals;

  @Test
  void arrival_runsAtOnce_whenAPodHasRoom() {
    scheduler.pods(F, List.of(new PodShare(F1, 1)), 0);

    Invocation first = arrive(F, "cheap", 0);

    assertTrue(first.isRunning());
    assertEquals(F1, first.pod());
  }

  @Test
  void arrival_waits_whenNoPodIsThere_andRunsOnceOneIs() {
    Invocation first = arrive(F, "cheap", 0);
    assertTrue(first.isWaiting());

    scheduler.pods(F, List.of(new PodShare(F1, 1)), 5);

    assertTrue(first.isRunning());
  }

  @Test
  void next_isDear_thoughCheapCameFirst() {
    scheduler.pods(F, List.of(new PodShare(F1, 1)), 0);
    Invocation running = arrive(F, "cheap", 0);
    Invocation cheap = arrive(F, "cheap", 10);
    Invocation dear = arrive(F, "dear", 20);

    scheduler.end(running, 30); // cheap: 500 × 20, dear: 2,000 × 10

    assertTrue(dear.isRunning());
    assertTrue(cheap.isWaiting());
  }

  @Test
  void next_isCheap_whenItsWaitOutweighsThePrice() {
    scheduler.pods(F, List.of(new PodShare(F1, 1)), 0);
    Invocation running = arrive(F, "cheap", 0);
    Invocation cheap = arrive(F, "cheap", 10);
    Invocation dear = arrive(F, "dear", 26);

    scheduler.end(running, 30); // cheap: 500 × 20, dear: 2,000 × 4

    assertTrue(cheap.isRunning());
    assertTrue(dear.isWaiting());
  }

  @Test
  void functionsCompete_forARoomOnTheirNode() {
    scheduler.nodes(Map.of("n1", 1), 0);
    scheduler.pods(F, List.of(new PodShare(F1, PodShare.UNLIMITED)), 0);
    scheduler.pods(G, List.of(new PodShare(G1, PodShare.UNLIMITED)), 0);
    Invocation running = arrive(F, "cheap", 0);
    Invocation sameFunction = arrive(F, "cheap", 10);
    Invocation otherFunction = arrive(G, "dear", 20);
    assertTrue(otherFunction.isWaiting(), "its own pod has room, but the node has not");

    scheduler.end(running, 30);

    assertTrue(otherFunction.isRunning());
    assertTrue(sameFunction.isWaiting());
  }

  @Test
  void arrival_goesToAnotherNode_whenOneIsFull() {
    scheduler.nodes(Map.of("n1", 1, "n2", 1), 0);
    scheduler.pods(F, List.of(new PodShare(F1, 5), new PodShare(F2, 5)), 0);

    Invocation first = arrive(F, "cheap", 0);
    Invocation second = arrive(F, "cheap", 0);
    Invocation third = arrive(F, "cheap", 0);

    assertTrue(first.isRunning() && second.isRunning() && third.isWaiting());
    scheduler.nodes(Map.of("n1", 2, "n2", 1), 1);
    assertTrue(third.isRunning(), "the node takes more now");
  }

  @Test
  void overTheTotal_theYoungestOfTheCheapestIsTurnedAway() {
    InvocationScheduler small = scheduler(10, 2);
    Invocation cheapOld = arrive(small, F, "cheap", 1);
    Invocation cheapYoung = arrive(small, G, "cheap", 2);

    Invocation dear = arrive(small, F, "dear", 3);
    Invocation cheapLate = arrive(small, F, "cheap", 4);

    assertEquals(
        Map.of(cheapYoung, Refusal.QUEUE_FULL, cheapLate, Refusal.QUEUE_FULL), sink.refused);
    assertTrue(cheapOld.isWaiting() && dear.isWaiting());
  }

  @Test
  void overItsClassLimit_aDearOneIsTurnedAwayToo() {
    InvocationScheduler small = scheduler(1, 10);
    arrive(small, F, "dear", 1);
    Invocation second = arrive(small, F, "dear", 2);

    assertEquals(Map.of(second, Refusal.CLASS_QUEUE_FULL), sink.refused);
    assertTrue(arrive(small, F, "cheap", 3).isWaiting());
  }

  @Test
  void hangUp_freesThePlaceAtOnce() {
    scheduler.pods(F, List.of(new PodShare(F1, 1)), 0);
    Invocation running = arrive(F, "cheap", 0);
    Invocation gone = arrive(F, "dear", 1);
    Invocation patient = arrive(F, "cheap", 2);

    scheduler.end(gone, 3);
    assertEquals(1, scheduler.waiting());
    scheduler.end(running, 4);

    assertTrue(patient.isRunning());
    scheduler.end(patient, 5);
    assertEquals(0, scheduler.running());
  }

  @Test
  void notTaken_goesToAnotherPod_orWaitsInTheOrderOfItsAge() {
    scheduler.pods(F, List.of(new PodShare(F1, 1)), 0);
    Invocation first = arrive(F, "cheap", 0);
    Invocation second = arrive(F, "cheap", 1);

    scheduler.notTaken(first, 2);
    assertTrue(first.isWaiting());
    scheduler.pods(F, List.of(new PodShare(F2, 1)), 3);

    assertTrue(first.isRunning());
    assertEquals(F2, first.pod());
    assertTrue(second.isWaiting());
  }

  @Test
  void podsThatAreGone_getNothingMore_butFinishWhatTheyHave() {
    scheduler.pods(F, List.of(new PodShare(F1, 1)), 0);
    Invocation running = arrive(F, "cheap", 0);
    scheduler.pods(F, List.of(), 1);

    assertTrue(running.isRunning());
    Invocation next = arrive(F, "cheap", 2);
    scheduler.end(running, 3);

    assertTrue(next.isWaiting());
  }

  @Test
  void functionThatIsDeleted_turnsAwayWhoWaits_andIsForgotten() {
    Invocation waiting = arrive(F, "cheap", 0);

    scheduler.remove(F, 1);

    assertEquals(Map.of(waiting, Refusal.FUNCTION_GONE), sink.refused);
    assertEquals(0, scheduler.functions());
  }

  @Test
  void arrival_inAClassThatNeverWas_isABug() {
    assertThrows(IllegalArgumentException.class, () -> arrive(F, "gold", 2));
  }

  @Test
  void strictPrice_letsTheCheapWait_howeverLong() {
    InvocationScheduler strict =
        new InvocationScheduler(
            classes, new SchedulerLimits(QueueDiscipline.STRICT_PRICE, 10, 10), sink);
    Invocation old = arrive(strict, F, "cheap", 0);
    Invocation young = arrive(strict, F, "dear", 1_000_000);
    strict.pods(F, List.of(new PodShare(F1, 1)), 1_000_001);

    assertTrue(young.isRunning() && old.isWaiting());
  }

  private InvocationScheduler scheduler(int perClass, int total) {
    var made =
        new InvocationScheduler(
            classes, new SchedulerLimits(QueueDiscipline.PRICE_TIMES_WAIT, perClass, total), sink);
    classes.set(List.of(new PricedClass("cheap", 500), new PricedClass("dear", 2000)));
    return made;
  }

  private Invocation arrive(RevisionKey key, String priceClass, long now) {
    return arrive(scheduler, key, priceClass, now);
  }

  private Invocation arrive(
      InvocationScheduler target, RevisionKey key, String priceClass, long now) {
    var invocation = new Invocation(key, classes, priceClass, now, arrivals++);
    target.arrive(invocation, now);
    return invocation;
  }
}
