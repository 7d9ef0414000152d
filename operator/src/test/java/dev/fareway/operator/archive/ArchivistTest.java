package dev.fareway.operator.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.operator.archive.ArchiveFake.Fate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ArchivistTest {
  private static final String MONTH = "2026-11";
  private static final Instant IN_TIME = Instant.parse("2026-12-02T00:00:00Z");
  private static final Instant OVER = Instant.parse("2026-12-06T00:00:00Z");
  private static final Instant PAST = Instant.parse("2027-01-03T00:00:00Z");

  private static Usage usage(String namespace, String function, long cost, long rest) {
    return new Usage(namespace, function, "dear", cost, 5, cost, 1, rest, 7);
  }

  private final ArchiveFake store = new ArchiveFake(() -> Fate.ANSWERED);
  private final Archivist archivist = new Archivist(store, () -> true);

  private void passAt(Instant now) throws InterruptedException {
    store.now = now;
    archivist.pass(now);
  }

  @Test
  void month_isWrittenAfterFiveDays_andItsObjectsStayUntilTheNextIsPast() throws Exception {
    store.now = IN_TIME;
    store.put("a", MONTH, List.of(usage("shop", "cart", 10, 600_000_000)));
    store.put("b", MONTH, List.of(usage("shop", "cart", 20, 600_000_000)));

    passAt(OVER.minusSeconds(1));
    assertEquals(0, store.reportCount());
    passAt(OVER);
    assertEquals(1, store.reportCount());
    assertTrue(store.reports(MONTH).getFirst().complete());
    // 30, and one that the remainders come to
    assertEquals(31, store.reported(MONTH, "shop"));
    passAt(PAST.minusSeconds(1));
    assertEquals(2, store.objectCount());
    passAt(PAST);
    assertEquals(0, store.objectCount());
    assertEquals(31, store.bill(MONTH, "shop"));
  }

  @Test
  void reports_areKeptFor13Months() throws Exception {
    store.now = IN_TIME;
    store.put("a", MONTH, List.of(usage("shop", "cart", 10, 0)));
    passAt(PAST);

    passAt(Instant.parse("2027-12-31T23:59:59Z"));
    assertEquals(1, store.reportCount());
    passAt(Instant.parse("2028-01-01T00:00:00Z"));
    assertEquals(0, store.reportCount());
  }

  @Test
  void nothingIsWritten_whenAllIsAsItShouldBe() throws Exception {
    store.now = IN_TIME;
    store.put("a", MONTH, List.of(usage("shop", "cart", 10, 0)));
    passAt(OVER);
    int writes = store.writes;

    passAt(OVER.plusSeconds(600));

    assertEquals(3, writes, "created, written, marked");
    assertEquals(writes, store.writes);
  }

  @Test
  void monthOfWhichThereIsNothingToDo_isReadAgainAFewTimesADayOnly() throws Exception {
    store.now = IN_TIME;
    store.put("a", MONTH, List.of(usage("shop", "cart", 10, 0)));
    passAt(OVER);
    passAt(OVER.plusSeconds(600));
    int reads = store.reads;

    for (int minutes = 20; minutes < 24 * 60; minutes += 10) {
      passAt(OVER.plusSeconds(minutes * 60L));
    }

    // Each pass asks for what is too old; each look for the reports, twice.
    assertTrue(store.reads - reads <= 142 + 4 * 2, () -> (store.reads - reads) + " reads a day");
    passAt(PAST);
    assertEquals(0, store.objectCount());
  }

  @Test
  void report_goesOnInFurtherPages() throws Exception {
    store.now = IN_TIME;
    var usage = new ArrayList<Usage>();
    for (int i = 0; i < 2 * NodeUsageStatus.MAX_USAGE + 1; i++) {
      usage.add(usage("shop", "f" + i, i, i));
    }
    for (int page = 0; page * 500 < usage.size(); page++) {
      store.put(
          "a." + page, MONTH, usage.subList(page * 500, Math.min(usage.size(), page * 500 + 500)));
    }
    passAt(PAST);

    assertEquals(3, store.reportCount());
    assertEquals(0, store.objectCount());
    assertEquals(1024L * 1025 / 2, store.bill(MONTH, "shop"));
  }

  @Test
  void objectThatCameTooLate_isKept() throws Exception {
    store.now = IN_TIME;
    store.put("a", MONTH, List.of(usage("shop", "cart", 10, 0)));
    passAt(OVER);
    store.now = OVER.plusSeconds(60);
    store.put("b", MONTH, List.of(usage("shop", "cart", 5, 0)));

    passAt(PAST);

    assertEquals(1, store.objectCount());
    assertEquals(1, archivist.late());
  }

  @Test
  void amountThatDoesNotFit_keepsItsObjects_andTheRestIsArchived() throws Exception {
    store.now = IN_TIME;
    store.put("a", MONTH, List.of(usage("shop", "cart", Long.MAX_VALUE, 0)));
    store.put("b", MONTH, List.of(usage("shop", "cart", 1, 0), usage("mail", "in", 2, 0)));
    store.put("c", MONTH, List.of(usage("mail", "in", 3, 0)));

    passAt(PAST);

    assertEquals(1, store.reportCount());
    assertEquals(5, store.reported(MONTH, "mail"));
    assertTrue(store.reports(MONTH).getFirst().complete());
    assertTrue(store.holds("a") && store.holds("b"), "both have usage of shop");
    assertFalse(store.holds("c"));
    assertEquals(Set.of("shop in 2026-11"), archivist.unreported());
    assertEquals(0, archivist.late());

    int writes = store.writes;
    passAt(PAST.plusSeconds(600));
    assertEquals(writes, store.writes);
    assertEquals(Set.of("shop in 2026-11"), archivist.unreported());
  }

  @Test
  void reportOfAmountsThatCameNotToFit_isTakenBack() throws Exception {
    store.now = OVER;
    store.put("a", MONTH, List.of(usage("shop", "cart", Long.MAX_VALUE, 0)));
    store.put("b", MONTH, List.of(usage("mail", "in", 2, 0)));
    // Stopped after it has created both reports and written one
    var steps = new AtomicInteger(3);
    new Archivist(store, () -> steps.getAndDecrement() > 0).pass(OVER);
    assertEquals(2, store.reportCount());
    store.put("c", MONTH, List.of(usage("shop", "cart", 1, 0)));

    passAt(PAST);

    assertEquals(1, store.reportCount());
    assertEquals(2, store.reported(MONTH, "mail"));
    assertTrue(store.holds("a") && store.holds("c"));
  }

  @Test
  void reportWithoutFigures_isNeverComplete() throws Exception {
    store.now = OVER;
    store.put("a", MONTH, List.of(usage("shop", "cart", Long.MAX_VALUE, 0)));
    store.put("b", MONTH, List.of(usage("shop", "cart", 1, 0), usage("mail", "in", 2, 0)));
    passAt(OVER);
    // By a replica that was paused since before the amount came not to fit
    store.create(MONTH, new ReportId("shop", 0));

    passAt(PAST);

    assertEquals(1, store.reportCount());
    assertTrue(store.holds("a") && store.holds("b"));
  }

  @Test
  void objectOlderThanWhatIsKept_isLeftAlone() throws Exception {
    store.now = OVER;
    store.put("a", "1970-01", List.of(usage("shop", "cart", 10, 0)));

    passAt(OVER);
    passAt(PAST);

    assertEquals(0, store.writes);
    assertTrue(store.holds("a"));
    assertEquals(Set.of("shop in 1970-01"), archivist.unreported());
  }

  /**
   * Over random runs with replicas that are stopped anywhere, that take over from each other in the
   * middle, and lose requests and answers: at every moment the bill is right.
   */
  @Test
  void nothingIsLostOrCountedTwice_whoeverIsInterrupted() throws Exception {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    int interrupted = 0;
    for (int run = 0; run < 200; run++) {
      interrupted += new Run(new Random(random.nextLong()), "seed " + seed + ", run " + run).go();
    }
    int count = interrupted;
    assertTrue(count > 1000, () -> "only " + count + " interruptions");
  }

  private static final class Run {
    private final Random random;
    private final String name;
    private final ArchiveFake store;
    private final Map<String, Long> truth = new HashMap<>();
    private boolean calm;
    private int depth;
    private int interrupted;

    Run(Random random, String name) {
      this.random = random;
      this.name = name;
      this.store = new ArchiveFake(this::fate);
    }

    private Fate fate() {
      return switch (calm ? 9 : random.nextInt(12)) {
        case 0 -> Fate.REQUEST_LOST;
        case 1 -> Fate.ANSWER_LOST;
        default -> Fate.ANSWERED;
      };
    }

    int go() throws InterruptedException {
      store.now = IN_TIME;
      int nodes = 1 + random.nextInt(5);
      for (int node = 0; node < nodes; node++) {
        var usage = new ArrayList<Usage>();
        for (int f = 0; f < 4; f++) {
          usage.add(
              usage(
                  "ns" + random.nextInt(3),
                  "f" + f,
                  1 + random.nextInt(1000),
                  random.nextInt(1_000_000_000)));
        }
        store.put("node" + node, MONTH, usage);
      }
      for (int ns = 0; ns < 3; ns++) {
        truth.put("ns" + ns, store.bill(MONTH, "ns" + ns));
      }
      Instant now = OVER;
      for (int pass = 0; pass < 30; pass++) {
        now = now.plusSeconds(random.nextInt(3 * 86_400));
        store.now = now;
        attempt(now);
        check();
      }
      calm = true;
      store.now = PAST.plusSeconds(86_400);
      for (int i = 0; i < 3; i++) {
        attempt(store.now);
      }
      check();
      assertEquals(0, store.objectCount(), name);
      assertTrue(store.reports(MONTH).stream().allMatch(Report::complete), name);
      truth.forEach((ns, bill) -> assertEquals(bill, store.reported(MONTH, ns), name));
      return interrupted;
    }

    private void attempt(Instant now) throws InterruptedException {
      try {
        new Archivist(store, () -> step(now)).pass(now);
      } catch (ArchiveException e) {
        interrupted++;
      }
    }

    /** Before each write: another replica may come between, and this one may be stopped. */
    private boolean step(Instant now) throws InterruptedException {
      check();
      if (!calm && depth < 2 && random.nextInt(8) == 0) {
        depth++;
        attempt(now);
        depth--;
      }
      boolean goesOn = calm || random.nextInt(8) != 0;
      interrupted += goesOn ? 0 : 1;
      return goesOn;
    }

    private void check() {
      truth.forEach((ns, bill) -> assertEquals(bill, store.bill(MONTH, ns), name));
    }
  }
}
