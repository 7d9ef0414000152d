package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.scheduler.core.PriceTable;
import dev.fareway.scheduler.core.PricedClass;
import dev.fareway.scheduler.core.QueueDiscipline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random runs against a model that searches plain lists from end to end at each step. */
@NullUnmarked
class SchedulerPropertyTest {
  private static final Map<String, Long> PRICES = Map.of("a", 1L, "b", 4L, "c", 50L);
  private static final int PER_CLASS = 12;
  private static final int TOTAL = 25;

  static Stream<Long> seeds() {
    return Stream.generate(Seeds::next).limit(20);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void scheduler_keepsItsInvariants_overRandomRuns(long seed) {
    new Run(seed).steps(3000);
  }

  private static final class Run implements InvocationSink {
    final SplittableRandom random;
    final long seed;
    final PriceTable classes = new PriceTable();
    final InvocationScheduler scheduler;
    final List<RevisionKey> functions = new ArrayList<>();
    final Map<RevisionKey, Map<PodAddress, Integer>> pods = new HashMap<>();
    final Map<String, Integer> nodes = new HashMap<>();
    final List<Invocation> waiting = new ArrayList<>();
    final List<Invocation> running = new ArrayList<>();
    final Map<Invocation, PodAddress> where = new HashMap<>();
    long now;
    long arrivals;

    /** What arrives just now: it may be sent on without having waited. */
    Optional<Invocation> arriving = Optional.empty();

    Run(long seed) {
      this.seed = seed;
      random = new SplittableRandom(seed);
      scheduler =
          new InvocationScheduler(
              classes,
              new SchedulerLimits(QueueDiscipline.PRICE_TIMES_WAIT, PER_CLASS, TOTAL),
              this);
      classes.set(
          PRICES.entrySet().stream().map(e -> new PricedClass(e.getKey(), e.getValue())).toList());
      for (int i = 0; i < 6; i++) {
        functions.add(new RevisionKey("ns", "f" + i));
        pods.put(functions.getLast(), new HashMap<>());
      }
    }

    void steps(int count) {
      for (int step = 0; step < count; step++) {
        now += random.nextInt(4);
        int action = random.nextInt(100);
        if (action < 45) {
          arrive();
        } else if (action < 80) {
          if (!running.isEmpty()) {
            end(running.get(random.nextInt(running.size())));
          }
        } else if (action < 86) {
          if (!waiting.isEmpty()) {
            end(waiting.get(random.nextInt(waiting.size())));
          }
        } else if (action < 90) {
          if (!running.isEmpty()) {
            notTaken(running.get(random.nextInt(running.size())));
          }
        } else if (action < 97) {
          changePods();
        } else {
          changeNodes();
        }
        check(step);
      }
      for (RevisionKey function : functions) {
        pods.get(function).clear();
        scheduler.pods(function, List.of(), now);
      }
      List.copyOf(running).forEach(this::end);
      List.copyOf(waiting).forEach(this::end);
      assertEquals(0, scheduler.functions(), "nothing is held on to; seed " + seed);
    }

    void arrive() {
      RevisionKey function = functions.get(random.nextInt(functions.size()));
      String name = List.of("a", "b", "c").get(random.nextInt(3));
      var invocation = new Invocation(function, classes, name, now, arrivals++);
      arriving = Optional.of(invocation);
      scheduler.arrive(invocation, now);
      if (invocation.isWaiting()) {
        waiting.add(invocation);
      }
      arriving = Optional.empty();
    }

    void end(Invocation invocation) {
      waiting.remove(invocation);
      running.remove(invocation);
      where.remove(invocation);
      scheduler.end(invocation, now);
    }

    void notTaken(Invocation invocation) {
      running.remove(invocation);
      pods.get(invocation.revision()).remove(where.remove(invocation));
      waiting.add(invocation);
      scheduler.notTaken(invocation, now);
    }

    void changePods() {
      RevisionKey function = functions.get(random.nextInt(functions.size()));
      Map<PodAddress, Integer> own = pods.get(function);
      own.clear();
      int count = random.nextInt(4);
      for (int i = 0; i < count; i++) {
        int place = random.nextInt(6);
        var pod = new PodAddress(function.name() + "-" + place, 8012, "n" + place % 3, "");
        own.put(pod, 1 + random.nextInt(3));
      }
      scheduler.pods(
          function,
          own.entrySet().stream().map(e -> new PodShare(e.getKey(), e.getValue())).toList(),
          now);
    }

    void changeNodes() {
      nodes.clear();
      for (int i = 0; i < 3; i++) {
        if (random.nextBoolean()) {
          nodes.put("n" + i, 1 + random.nextInt(5));
        }
      }
      scheduler.nodes(nodes, now);
    }

    @Override
    public void dispatch(Invocation invocation, PodAddress pod) {
      assertTrue(isOpen(pod, invocation.revision()), () -> pod + " is full; seed " + seed);
      if (arriving.isPresent() && arriving.get().equals(invocation)) {
        assertEquals(0, admissible().size(), "it overtook one that could run; seed " + seed);
      } else {
        assertTrue(waiting.contains(invocation), "it does not wait; seed " + seed);
        // No one who could have run in this very place has a better claim.
        List<Invocation> rivals =
            waiting.stream()
                .filter(other -> hasOpenPodOn(other.revision(), pod.node()))
                .filter(other -> isHeadOfItsClass(other))
                .filter(
                    other ->
                        nodes.containsKey(pod.node())
                            || other.revision().equals(invocation.revision()))
                .toList();
        for (Invocation rival : rivals) {
          assertTrue(
              score(invocation) >= score(rival),
              () -> "%d before %d; seed %d".formatted(score(invocation), score(rival), seed));
        }
        waiting.remove(invocation);
      }
      running.add(invocation);
      where.put(invocation, pod);
    }

    @Override
    public void refuse(Invocation invocation, Refusal why) {
      boolean isNew = arriving.isPresent() && arriving.get().equals(invocation);
      switch (why) {
        case CLASS_QUEUE_FULL ->
            assertTrue(isNew && count(invocation.priceClass()) >= PER_CLASS, "seed " + seed);
        case QUEUE_FULL -> {
          assertTrue(waiting.size() >= TOTAL, "seed " + seed);
          for (Invocation other : waiting) {
            assertTrue(
                PRICES.get(invocation.priceClass()) <= PRICES.get(other.priceClass()),
                "a cheaper one waits on; seed " + seed);
          }
        }
        case FUNCTION_GONE -> throw new AssertionError("no function is deleted; seed " + seed);
      }
      if (!isNew) {
        assertTrue(waiting.remove(invocation), "it did not wait; seed " + seed);
      }
    }

    void check(int step) {
      String at = "step %d, seed %d".formatted(step, seed);
      assertEquals(waiting.size(), scheduler.waiting(), at);
      assertEquals(running.size(), scheduler.running(), at);
      assertTrue(admissible().isEmpty(), () -> "one waits that could run, " + at);
      for (RevisionKey function : functions) {
        assertEquals(
            waiting.stream().filter(i -> i.revision().equals(function)).count(),
            scheduler.waiting(function),
            at);
      }
    }

    List<Invocation> admissible() {
      return waiting.stream()
          .filter(
              invocation ->
                  pods.get(invocation.revision()).keySet().stream()
                      .anyMatch(pod -> isOpen(pod, invocation.revision())))
          .toList();
    }

    boolean hasOpenPodOn(RevisionKey function, String node) {
      return pods.get(function).keySet().stream()
          .anyMatch(pod -> pod.node().equals(node) && isOpen(pod, function));
    }

    boolean isOpen(PodAddress pod, RevisionKey function) {
      Integer capacity = pods.get(function).get(pod);
      long onPod = where.values().stream().filter(pod::equals).count();
      long onNode = where.values().stream().filter(p -> p.node().equals(pod.node())).count();
      return capacity != null
          && onPod < capacity
          && onNode < nodes.getOrDefault(pod.node(), Integer.MAX_VALUE);
    }

    boolean isHeadOfItsClass(Invocation invocation) {
      return waiting.stream()
          .filter(
              other ->
                  other.revision().equals(invocation.revision())
                      && other.priceClass().equals(invocation.priceClass()))
          .min(Comparator.comparingLong(Invocation::createdNanos))
          .map(first -> first.createdNanos() == invocation.createdNanos())
          .orElse(false);
    }

    long score(Invocation invocation) {
      return PRICES.get(invocation.priceClass()) * (now - invocation.createdNanos());
    }

    long count(String priceClass) {
      return waiting.stream().filter(i -> i.priceClass().equals(priceClass)).count();
    }
  }
}
