package dev.fareway.scheduler.core;

import static dev.fareway.scheduler.core.Instances.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NullUnmarked
class PriceQueueTest {
  private static final List<PricedClass> CLASSES =
      List.of(new PricedClass("dear", 2000), new PricedClass("cheap", 500));
  private final PriceTable prices = new PriceTable();
  private long arrivals;

  @Test
  void next_prefersOldCheapHead_whenWaitOutweighsPrice() {
    PriceQueue<Ticket> queue = queueOf(QueueDiscipline.PRICE_TIMES_WAIT);
    queue.add(ticket("young", "dear", 9 * SECOND));
    Ticket old = ticket("old", "cheap", 5 * SECOND);
    queue.add(old);

    // At 10 s: dear 2,000 × 1 s, cheap 500 × 5 s.
    assertSame(old, queue.poll(10 * SECOND));
  }

  @Test
  void next_prefersDearHead_whenBothHaveWaitedAlike() {
    PriceQueue<Ticket> queue = queueOf(QueueDiscipline.PRICE_TIMES_WAIT);
    queue.add(ticket("a", "cheap", 0));
    Ticket dear = ticket("b", "dear", 0);
    queue.add(dear);

    assertSame(dear, queue.peek(SECOND));
    assertSame(dear, queue.peek(0), "no one has waited: the dearer goes first");
  }

  @Test
  void next_prefersDearHead_whateverTheWait_inStrictOrder() {
    PriceQueue<Ticket> queue = queueOf(QueueDiscipline.STRICT_PRICE);
    queue.add(ticket("old", "cheap", 0));
    Ticket dear = ticket("young", "dear", 99 * SECOND);
    queue.add(dear);

    assertSame(dear, queue.poll(100 * SECOND));
  }

  @Test
  void next_doesNotOverflow_atTheLimitsOfPriceAndWait() {
    prices.set(
        List.of(new PricedClass("a", Long.MAX_VALUE), new PricedClass("b", Long.MAX_VALUE - 1)));
    var queue = new PriceQueue<Ticket>(QueueDiscipline.PRICE_TIMES_WAIT, prices);
    Ticket dear = ticket("x", "a", 0);
    queue.add(ticket("y", "b", 0));
    queue.add(dear);

    assertSame(dear, queue.poll(Long.MAX_VALUE));
  }

  @Test
  void next_followsAChangeOfPrices() {
    PriceQueue<Ticket> queue = queueOf(QueueDiscipline.PRICE_TIMES_WAIT);
    Ticket cheap = ticket("a", "cheap", 0);
    queue.add(cheap);
    queue.add(ticket("b", "dear", 0));

    prices.set(List.of(new PricedClass("dear", 2000), new PricedClass("cheap", 2001)));

    assertSame(cheap, queue.peek(SECOND));
  }

  @Test
  void add_keepsTheOrderOfAge_whenInstancesComeBack() {
    PriceQueue<Ticket> queue = queueOf(QueueDiscipline.PRICE_TIMES_WAIT);
    Ticket late = ticket("late", "dear", 3);
    Ticket early = ticket("early", "dear", 1);
    queue.add(late);
    queue.add(early);

    assertSame(early, queue.poll(10));
    assertSame(late, queue.poll(10));
    assertNull(queue.poll(10));
  }

  /** Against a list that is searched from end to end at each step, with sums of any size. */
  @ParameterizedTest
  @EnumSource(QueueDiscipline.class)
  void queue_agreesWithANaiveModel_overRandomRuns(QueueDiscipline discipline) {
    long seed = Seeds.next();
    var random = new SplittableRandom(seed);
    Map<String, Long> priceOf = Map.of("a", 1L, "b", 3L, "c", 3L, "d", 700L);
    var queue = new PriceQueue<Ticket>(discipline, prices);
    prices.set(
        priceOf.entrySet().stream().map(e -> new PricedClass(e.getKey(), e.getValue())).toList());
    var model = new ArrayList<Ticket>();
    long now = 0;
    for (int step = 0; step < 10_000; step++) {
      now += random.nextInt(5);
      int action = random.nextInt(10);
      if (action < 5) {
        String name = List.of("a", "b", "c", "d").get(random.nextInt(4));
        Ticket ticket = ticket("i" + step, name, Math.max(0, now - random.nextInt(50)));
        queue.add(ticket);
        model.add(ticket);
      } else if (action < 6 && !model.isEmpty()) {
        Ticket gone = model.remove(random.nextInt(model.size()));
        queue.remove(gone);
      } else {
        Ticket expected = naiveNext(model, priceOf, discipline, now);
        assertSame(expected, queue.poll(now), "seed %d, step %d".formatted(seed, step));
        model.remove(expected);
      }
      assertEquals(model.size(), queue.size(), "seed %d, step %d".formatted(seed, step));
      assertTrue(queue.isSound(), "seed %d, step %d".formatted(seed, step));
    }
  }

  private static @Nullable Ticket naiveNext(
      List<Ticket> waiting, Map<String, Long> prices, QueueDiscipline discipline, long now) {
    // Only the oldest of each class may go; among classes of one price the older head, then the
    // earlier arrival.
    return prices.keySet().stream()
        .flatMap(
            name ->
                waiting.stream()
                    .filter(t -> t.instance.priceClass().equals(name))
                    .min(
                        Comparator.comparingLong((Ticket t) -> t.instance.createdNanos())
                            .thenComparingLong(t -> t.arrival))
                    .stream())
        .max(
            Comparator.comparing(
                    (Ticket t) ->
                        discipline == QueueDiscipline.STRICT_PRICE
                            ? BigInteger.ZERO
                            : BigInteger.valueOf(prices.getOrDefault(t.instance.priceClass(), 0L))
                                .multiply(BigInteger.valueOf(now - t.instance.createdNanos())))
                .thenComparingLong(t -> prices.getOrDefault(t.instance.priceClass(), 0L))
                .thenComparingLong(t -> -t.instance.createdNanos())
                .thenComparingLong(t -> -t.arrival))
        .orElse(null);
  }

  private PriceQueue<Ticket> queueOf(QueueDiscipline discipline) {
    prices.set(CLASSES);
    return new PriceQueue<Ticket>(discipline, prices);
  }

  private Ticket ticket(String uid, String priceClass, long createdNanos) {
    Instance instance = Instances.instance(uid, priceClass, createdNanos);
    return new Ticket(
        instance,
        arrivals++,
        prices.lane(priceClass),
        new Shape(new Eligibility(instance.constraints()), instance.needs()),
        new Occupant(instance.uid(), 0, instance.needs(), true));
  }
}
