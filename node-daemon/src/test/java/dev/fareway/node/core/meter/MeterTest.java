package dev.fareway.node.core.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MeterTest {
  private static final String MONTH = "2026-11";
  private static final long SECOND = 1_000_000_000;
  private static final long GIB = 1L << 30;
  private static final UsageKey HOME = new UsageKey("shop", "home", "dear");

  private final Meter meter = new Meter(100, MeterState.EMPTY);

  private static FunctionPod pod(String uid, String function, String priceClass, long price) {
    return new FunctionPod(
        new PodRef("shop", uid, uid),
        function,
        new PricedClass(priceClass, price, true, new ClassStanding(0, OptionalInt.empty(), 1)),
        Map.of(),
        false);
  }

  private void read(String uid, long cgroup, long atSeconds, long cpuMicros, long memory) {
    meter.read(uid, new Reading(cgroup, atSeconds * SECOND, cpuMicros, memory), MONTH);
  }

  private Amounts of(UsageKey key) {
    return meter.total(MONTH).getOrDefault(key, Amounts.ZERO);
  }

  @Test
  void read_chargesCpuAndMemory() {
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    read("a", 1, 0, 500_000, 2 * GIB);
    read("a", 1, 10, 1_500_000, 3 * GIB);

    // 1.5 s at 2000, and the less of both readings, 2 GiB, for 10 s at 100.
    assertEquals(new Amounts(1_500_000_000L, 20 * GIB, 3000, 0, 2000, 0), of(HOME));
  }

  @Test
  void read_chargesWhatCameBeforeAnyoneToldWhoPays() {
    read("a", 1, 0, 500_000, 0);
    meter.ended("a");
    assertEquals(Map.of(), meter.total(MONTH));

    meter.put(pod("a", "home", "dear", 2000), MONTH);
    assertEquals(1000, of(HOME).cost());
    assertEquals(Set.of(), meter.living());
  }

  @Test
  void read_beginsAtNothing_whenThePodGetsAnotherCgroup() {
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    read("a", 1, 0, 500_000, 0);
    read("a", 2, 5, 400_000, 0);

    assertEquals(900_000_000L, of(HOME).cpuNanos());
  }

  @Test
  void skip_chargesNothingOfBefore() {
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    meter.skip("a", new Reading(1, 0, 500_000, 0));
    read("a", 1, 1, 700_000, 0);

    assertEquals(200_000_000L, of(HOME).cpuNanos());
  }

  @Test
  void put_changesClassAndPriceFromThenOn() {
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    read("a", 1, 0, 500_000, 0);
    meter.put(pod("a", "home", "cheap", 2), MONTH);
    read("a", 1, 1, 1_500_000, 0);
    meter.put(pod("a", "home", "cheap", 4), MONTH);
    read("a", 1, 2, 2_500_000, 0);

    assertEquals(1000, of(HOME).cost());
    assertEquals(6, of(new UsageKey("shop", "home", "cheap")).cost());
  }

  @Test
  void months_areKeptApart() {
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    read("a", 1, 0, 500_000, 0);
    meter.read("a", new Reading(1, SECOND, 1_500_000, 0), "2026-12");

    assertEquals(1000, of(HOME).cost());
    assertEquals(2000, meter.total("2026-12").getOrDefault(HOME, Amounts.ZERO).cost());
    // A clock that goes back only changes where it is charged.
    read("a", 1, 2, 1_600_000, 0);
    assertEquals(1200, of(HOME).cost());
  }

  @Test
  void begin_writesNothing_beforeTheStoredPagesAreKnown() {
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    read("a", 1, 0, 500_000, 0);

    assertEquals(List.of(), meter.begin(MONTH));
    assertEquals(List.of(MONTH), meter.unknownMonths());
    meter.stored(MONTH, List.of(new UsageStore.Page(3, Map.of(HOME, Amounts.ofCpu(SECOND, 1)))));
    UsageWrite write = meter.begin(MONTH).getFirst();
    assertEquals(4, write.content().sequence());
    assertEquals(1001, write.content().usage().getOrDefault(HOME, Amounts.ZERO).cost());
  }

  @Test
  void begin_goesOnInFurtherPages_andWritesOnlyThoseThatChanged() {
    // given
    meter.stored(MONTH, List.of());
    for (int i = 0; i <= 2 * UsageStore.PAGE_SIZE; i++) {
      meter.put(pod("p" + i, "f" + i, "dear", 1000), MONTH);
      read("p" + i, i, 0, 1000, 0);
    }

    // when
    List<UsageWrite> writes = meter.begin(MONTH);
    writes.forEach(write -> meter.done(write, MONTH));

    // then
    assertEquals(
        List.of(UsageStore.PAGE_SIZE, UsageStore.PAGE_SIZE, 1),
        writes.stream().map(write -> write.content().usage().size()).toList());
    read("p600", 600, 1, 2000, 0);
    assertEquals(List.of(1), meter.begin(MONTH).stream().map(UsageWrite::page).toList());
  }

  @Test
  void significance_isMeasuredByWhatIsStored() {
    meter.stored(MONTH, List.of());
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    read("a", 1, 0, 1_000_000_000, 0);
    assertTrue(meter.isSignificant(MONTH));
    meter.begin(MONTH).forEach(write -> meter.done(write, MONTH));

    read("a", 1, 1, 1_000_900_000, 0);
    assertFalse(meter.isSignificant(MONTH));
    read("a", 1, 2, 1_001_000_000, 0);
    assertTrue(meter.isSignificant(MONTH));
  }

  @Test
  void charge_thatDoesNotFit_isRefusedAndCounted() {
    long price = 1_000_000_000_000_000L;
    meter.stored(
        MONTH,
        List.of(
            new UsageStore.Page(
                1, Map.of(HOME, new Amounts(0, 0, Long.MAX_VALUE - price, 0, 0, 0)))));
    meter.put(pod("a", "home", "dear", price), MONTH);
    read("a", 1, 0, 1_000_000, 0);
    assertEquals(0, meter.refusedCharges());
    read("a", 1, 1, 2_000_000, 0);

    assertEquals(1, meter.refusedCharges());
    assertEquals(Long.MAX_VALUE, of(HOME).cost());
    assertEquals(1, meter.begin(MONTH).size());
  }

  @Test
  void close_chargesWhatIsLeftToAnotherMonth() {
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    read("a", 1, 0, 500_000, 0);
    meter.close(MONTH, "2026-12");
    assertEquals(List.of(MONTH), meter.unsettledMonths(), "it is not known what is stored");

    meter.stored(MONTH, List.of(new UsageStore.Page(3, Map.of(HOME, Amounts.ofCpu(SECOND, 1)))));
    meter.close(MONTH, "2026-12");

    assertEquals(List.of("2026-12"), meter.unsettledMonths());
    assertEquals(1000, meter.total("2026-12").getOrDefault(HOME, Amounts.ZERO).cost());
  }

  @Test
  void write_ofAMonthThatWasArchivedMeanwhile_isNotChargedAgain() {
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    read("a", 1, 0, 500_000, 0);
    meter.stored(MONTH, List.of());
    meter.begin(MONTH).forEach(meter::failed);
    read("a", 1, 1, 600_000, 0);

    // The page is not there: never written, or written, archived and deleted.
    meter.stored(MONTH, List.of(), true);
    meter.close(MONTH, "2026-12");

    assertEquals(200, meter.total("2026-12").getOrDefault(HOME, Amounts.ZERO).cost());
    assertEquals(1, meter.refusedCharges());
  }

  @Test
  void state_isReadAsItWasWritten() {
    meter.put(pod("a", "home", "dear", 2000), MONTH);
    read("a", 7, 1, 500_000, GIB + 1);
    read("a", 7, 2, 600_000, GIB + 1);
    read("b", 8, 2, 1, 5);
    meter.stored(MONTH, List.of());
    meter.begin(MONTH).forEach(meter::failed);
    read("a", 7, 3, 700_000, GIB + 1);
    meter.read("a", new Reading(7, 4 * SECOND, 800_000, 0), "2026-12");

    assertTrue(meter.isStateDue());
    MeterState state = meter.state();
    assertFalse(meter.isStateDue());
    assertEquals(state, MeterStateText.read(MeterStateText.write(state)));
    assertEquals(1, state.months().getFirst().writes().size());
  }

  @Test
  void state_thatIsNotWhole_isRefused() {
    String whole = MeterStateText.write(MeterState.EMPTY);
    assertThrows(
        IllegalArgumentException.class,
        () -> MeterStateText.read(whole.substring(0, whole.length() - 2)));
    assertThrows(IllegalArgumentException.class, () -> MeterStateText.read(""));
    assertThrows(
        IllegalArgumentException.class,
        () -> MeterStateText.read(whole.replace("end", "pod\tx\nend")));
  }
}
