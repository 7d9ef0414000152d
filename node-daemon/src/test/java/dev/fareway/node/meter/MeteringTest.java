package dev.fareway.node.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.meter.Amounts;
import dev.fareway.node.core.meter.UsageKey;
import dev.fareway.node.core.meter.UsageStoreFake;
import dev.fareway.node.core.meter.UsageStoreFake.Fate;
import dev.fareway.node.linux.CgroupWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On this machine's own kernel, with real processes. */
class MeteringTest {
  private static final Clock NOVEMBER =
      Clock.fixed(Instant.parse("2026-11-24T12:00:00Z"), ZoneOffset.UTC);
  private static final UsageKey HOME = new UsageKey("shop", "home", "dear");

  private static final List<Fate> FATES =
      List.of(Fate.ANSWERED, Fate.REQUEST_LOST, Fate.ANSWER_LOST);

  /** Shorter than the look that would find all in the end: who waits no longer was told. */
  private static final long BOUND_SECONDS = 8;

  private final TestPods pods = TestPods.create();
  private volatile boolean calm = true;
  private final Random fates = new Random(1);
  private final UsageStoreFake store = new UsageStoreFake(this::fate);
  private Metering metering;
  private CgroupWatch watch;

  MeteringTest() throws IOException {
    metering = start();
    watch = new CgroupWatch(pods.root(), new Seen(), () -> {});
  }

  private synchronized Fate fate() {
    return calm ? Fate.ANSWERED : FATES.get(fates.nextInt(FATES.size()));
  }

  private Metering start() {
    var started = new Metering(pods.root(), store, NOVEMBER, new Metering.Options(0, 1, false));
    started.start();
    return started;
  }

  private final class Seen implements CgroupWatch.Sightings {
    @Override
    public void seen(String uid, Path cgroup) {
      metering.changed(uid);
    }

    @Override
    public void gone(String uid) {
      metering.changed(uid);
    }
  }

  @AfterEach
  void close() throws Exception {
    watch.close();
    metering.kill();
    pods.close();
  }

  private static void eventually(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, what);
      Thread.sleep(5);
    }
  }

  private static Map<String, FunctionPod> functions(List<TestPods.Pod> pods) {
    var functions = new HashMap<String, FunctionPod>();
    pods.forEach(pod -> functions.put(pod.function.uid(), pod.function));
    return functions;
  }

  private long charged() throws Exception {
    return metering.total().getOrDefault(HOME, Amounts.ZERO).cpuNanos();
  }

  @Test
  void shortPods_areChargedToTheMicrosecond_whenTheirLastProcessEnds() throws Exception {
    long kernel = 0;
    for (int i = 0; i < 20; i++) {
      // given
      TestPods.Pod pod = pods.create("home");
      metering.put(functions(List.of(pod)));

      // when
      assertEquals(0, pod.burn(2_000).waitFor());
      kernel += pod.cpuNanos();

      // then
      long expected = kernel;
      eventually("the pod is charged", () -> charged() == expected);
      pod.remove();
    }
    metering.stop();
    assertEquals(kernel, store.total().getOrDefault(HOME, Amounts.ZERO).cpuNanos());
    assertEquals(
        Amounts.ofCpu(kernel, TestPods.PRICE), store.total().getOrDefault(HOME, Amounts.ZERO));
  }

  @Test
  void kills_loseAndRepeatNothing_ofPodsThatOutliveThem() throws Exception {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    calm = false;
    var living = new ArrayList<TestPods.Pod>();
    var functions = new HashMap<String, FunctionPod>();
    long kernel = 0;
    for (int i = 0; i < 25; i++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          TestPods.Pod pod = pods.create("home");
          living.add(pod);
          functions.put(pod.function.uid(), pod.function);
          metering.put(Map.copyOf(functions));
          pod.burn(1_000_000_000);
        }
        case 2 -> {
          if (!living.isEmpty()) {
            TestPods.Pod pod = living.remove(random.nextInt(living.size()));
            pod.stop();
            long its = pod.cpuNanos();
            kernel += its;
            // The watch tells of it; then it may go. One that goes unread can only be lost.
            Metering reader = metering;
            reader.changed(pod.function.uid());
            reader.total();
            Thread.sleep(50);
            pod.remove();
          }
        }
        default -> {
          metering.kill();
          Thread.sleep(random.nextInt(100));
          metering = start();
          metering.put(Map.copyOf(functions));
        }
      }
      Thread.sleep(random.nextInt(100));
    }
    for (TestPods.Pod pod : living) {
      pod.stop();
      kernel += pod.cpuNanos();
      metering.changed(pod.function.uid());
    }
    calm = true;
    long expected = kernel;
    eventually("the usage is known", () -> charged() == expected);
    metering.stop();
    metering = start();
    metering.put(Map.copyOf(functions));
    eventually("all is stored", () -> stored() == expected || charged() < 0);
    assertEquals(expected, stored());
  }

  private long stored() {
    return store.total().getOrDefault(HOME, Amounts.ZERO).cpuNanos();
  }
}
