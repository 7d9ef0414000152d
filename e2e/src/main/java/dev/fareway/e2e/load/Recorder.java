package dev.fareway.e2e.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Where the generator's threads note what became of each request; allocates nothing while they run.
 *
 * <p>A request is completed once: the first of its answer, its failure and its being given up wins.
 */
final class Recorder {
  /** A request not completed yet. */
  private static final int OPEN = 0;

  private final List<Arrival> arrivals;
  private final AtomicLongArray sent;
  private final AtomicLongArray done;
  private final AtomicIntegerArray status;
  private final CountDownLatch open;
  private final AtomicLong sentCount = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  Recorder(List<Arrival> arrivals) {
    this.arrivals = arrivals;
    this.sent = new AtomicLongArray(arrivals.size());
    this.done = new AtomicLongArray(arrivals.size());
    this.status = new AtomicIntegerArray(arrivals.size());
    this.open = new CountDownLatch(arrivals.size());
  }

  void sent(int request, long nanos) {
    sent.set(request, nanos);
    sentCount.incrementAndGet();
  }

  void completed(int request, long nanos, int result) {
    if (!status.compareAndSet(request, OPEN, result)) {
      return;
    }
    done.set(request, nanos);
    if (result != 200) {
      failed.incrementAndGet();
    }
    open.countDown();
  }

  /** Waits until all are completed; whether they are. */
  boolean await(long millis) throws InterruptedException {
    return open.await(millis, TimeUnit.MILLISECONDS);
  }

  /** Gives up what is still open. */
  void giveUp(long nanos) {
    for (int i = 0; i < arrivals.size(); i++) {
      completed(i, nanos, Sample.UNANSWERED);
    }
  }

  long sentCount() {
    return sentCount.get();
  }

  long completedCount() {
    return arrivals.size() - open.getCount();
  }

  long failedCount() {
    return failed.get();
  }

  /** What became of all requests, in the order they were due. */
  List<Sample> samples() {
    List<Sample> samples = new ArrayList<>(arrivals.size());
    for (int i = 0; i < arrivals.size(); i++) {
      Arrival arrival = arrivals.get(i);
      samples.add(
          new Sample(
              arrival.stream(),
              arrival.cpuMicros(),
              arrival.atNanos(),
              sent.get(i),
              done.get(i),
              status.get(i)));
    }
    return samples;
  }
}
