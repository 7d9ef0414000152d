package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.scheduler.core.PriceTable;
import dev.fareway.scheduler.core.PricedClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class InheritanceTest {
  private static final RevisionKey HOME = new RevisionKey("shop", "home");
  private static final long MS = 1_000_000;

  private final PriceTable classes = new PriceTable();
  private final Inheritance inheritance;
  private final Ear ear = new Ear();
  private long now = Long.MAX_VALUE - 50 * MS;
  private long number;

  InheritanceTest() {
    classes.set(
        List.of(
            new PricedClass("cheap", 1),
            new PricedClass("middle", 10),
            new PricedClass("dear", 99)));
    inheritance = new Inheritance(classes);
  }

  /** What was said since it was asked last, and what the nodes think. */
  private static final class Ear implements Inheritance.Words {
    final List<String> said = new ArrayList<>();
    final Map<String, String> raised = new HashMap<>();
    boolean isDeaf;

    @Override
    public boolean raise(String uid, String priceClass) {
      if (!isDeaf) {
        said.add(uid + " up to " + priceClass);
        raised.put(uid, priceClass);
      }
      return !isDeaf;
    }

    @Override
    public boolean lower(String uid) {
      if (!isDeaf) {
        said.add(uid + " down");
        raised.remove(uid);
      }
      return !isDeaf;
    }

    List<String> heard() {
      List<String> heard = List.copyOf(said);
      said.clear();
      return heard;
    }
  }

  private Invocation start(String uid, String priceClass) {
    var invocation = new Invocation(HOME, classes, priceClass, now, number++);
    inheritance.started(uid, "cheap", invocation);
    return invocation;
  }

  private void stop(String uid, Invocation invocation) {
    inheritance.stopped(uid, invocation, now);
  }

  private List<String> after(long millis) {
    now += millis * MS;
    inheritance.act(now, ear);
    return ear.heard();
  }

  @Test
  void dearInvocation_raisesItsPodAtOnce_andItsEndLowersIt() {
    Invocation dear = start("p", "dear");
    assertEquals(List.of("p up to dear"), after(0));

    stop("p", dear);

    assertEquals(List.of(), after(0), "another may follow at once");
    assertEquals(List.of("p down"), after(5));
    assertEquals(0, inheritance.known());
  }

  @Test
  void invocation_inThePodsOwnClass_saysNothing() {
    Invocation cheap = start("p", "cheap");
    assertEquals(List.of(), after(0));
    stop("p", cheap);

    assertEquals(Long.MAX_VALUE, inheritance.act(now, ear));
    assertEquals(0, inheritance.known());
  }

  @Test
  void highestClass_isWhatCounts() {
    Invocation dear = start("p", "dear");
    after(0);
    Invocation middle = start("p", "middle");
    assertEquals(List.of(), after(0));

    stop("p", dear);
    assertEquals(List.of("p up to middle"), after(5));
    stop("p", middle);
    assertEquals(List.of("p down"), after(5));
  }

  @Test
  void dearerInvocation_isSaidAtOnce_onTopOfADearOne() {
    start("p", "middle");
    assertEquals(List.of("p up to middle"), after(0));
    start("p", "dear");
    assertEquals(List.of("p up to dear"), after(0));
  }

  @Test
  void closeSuccession_costsNoMessageButRenewals() {
    int said = 0;
    for (int i = 0; i < 1000; i++) {
      Invocation dear = start("p", "dear");
      said += after(1).size();
      stop("p", dear);
      said += after(1).size();
    }

    assertEquals(7, said, "once, and again every 300 ms for two seconds");
    assertEquals(Map.of("p", "dear"), ear.raised);
  }

  @Test
  void raise_isSaidAgain_whileItLasts_beforeItRunsOut() {
    start("p", "dear");
    int said = after(0).size();
    for (int i = 0; i < 100; i++) {
      said += after(10).size();
    }

    assertEquals(4, said, "at 0, 300, 600 and 900 ms");
  }

  @Test
  void act_saysWhenToComeAgain() {
    Invocation dear = start("p", "dear");
    assertEquals(Inheritance.RENEW_NANOS, inheritance.act(now, ear));
    stop("p", dear);
    assertEquals(Inheritance.CALM_NANOS, inheritance.act(now, ear));
    now += Inheritance.CALM_NANOS;
    assertEquals(Long.MAX_VALUE, inheritance.act(now, ear));
  }

  @Test
  void deafStream_keepsOnlyWhatIsTrueInTheEnd() {
    ear.isDeaf = true;
    for (int i = 0; i < 100; i++) {
      Invocation dear = start("p", "dear");
      after(1);
      stop("p", dear);
      start("q", "middle");
    }

    ear.isDeaf = false;

    assertEquals(List.of("q up to middle"), after(20));
    assertEquals(1, inheritance.known());
  }

  @Test
  void newStream_isToldAllAnew() {
    start("p", "dear");
    start("q", "middle");
    after(0);
    ear.raised.clear();

    inheritance.again();

    assertEquals(2, after(0).size());
    assertEquals(Map.of("p", "dear", "q", "middle"), ear.raised);
  }

  @Test
  void podWithoutUid_isNotSpokenOf() {
    assertFalse(
        inheritance.started("", "cheap", new Invocation(HOME, classes, "dear", now, number++)));
    assertEquals(0, inheritance.known());
  }

  /** Whatever comes and goes: soon after the last change the nodes know exactly what is true. */
  @Test
  void nodes_knowTheTruth_afterRandomChanges() {
    long seed = Seeds.next();
    var random = new SplittableRandom(seed);
    String[] names = {"cheap", "middle", "dear"};
    for (int round = 0; round < 200; round++) {
      var running = new ArrayList<Map.Entry<String, Invocation>>();
      for (int step = 0; step < 60; step++) {
        ear.isDeaf = random.nextInt(4) == 0;
        if (running.isEmpty() || random.nextBoolean()) {
          String uid = "pod-" + random.nextInt(3);
          running.add(Map.entry(uid, start(uid, names[random.nextInt(3)])));
        } else {
          var ended = running.remove(random.nextInt(running.size()));
          stop(ended.getKey(), ended.getValue());
        }
        if (random.nextInt(20) == 0) {
          ear.raised.clear();
          inheritance.again();
        }
        after(random.nextInt(8));
      }
      ear.isDeaf = false;
      after(20);
      var truth = new HashMap<String, String>();
      for (var each : running) {
        String own = each.getValue().priceClass();
        if (!own.equals("cheap")) {
          truth.merge(each.getKey(), own, (a, b) -> a.equals("dear") ? a : b);
        }
      }
      assertEquals(truth, ear.raised, "seed " + seed);
      running.forEach(each -> stop(each.getKey(), each.getValue()));
      after(20);
      assertTrue(ear.raised.isEmpty(), "seed " + seed);
      assertEquals(0, inheritance.known(), "seed " + seed);
    }
  }
}
