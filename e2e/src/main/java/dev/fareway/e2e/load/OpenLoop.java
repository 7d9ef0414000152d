package dev.fareway.e2e.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends requests when they are due, whatever has come back of the earlier ones, and notes when the
 * answers are complete.
 *
 * <p>Two threads: the caller of {@link #run} sends, one more reads. A request finds an idle
 * connection or opens a new one, so it never waits for another's answer.
 */
final class OpenLoop implements AutoCloseable {
  private final Selector selector;
  private final List<List<Target>> targets;
  private final Thread reader;
  private volatile Recorder recorder;
  private volatile long startNanos;
  private volatile boolean closed;

  OpenLoop(LoadPlan plan) throws IOException {
    this.selector = Selector.open();
    this.recorder = new Recorder(List.of());
    List<List<Target>> all = new ArrayList<>();
    for (Stream stream : plan.streams()) {
      List<Target> some = new ArrayList<>();
      for (URI uri : stream.targets()) {
        some.add(new Target(uri, stream.headers()));
      }
      all.add(List.copyOf(some));
    }
    this.targets = List.copyOf(all);
    this.reader = new Thread(this::readLoop, "load-reader");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Sends all requests; returns when each is answered or the patience is over.
   *
   * @param arrivals the requests by the time they are due
   * @param into where to note what became of them
   * @param patienceMillis how long to wait after the last was sent
   */
  void run(List<Arrival> arrivals, Recorder into, long patienceMillis) throws InterruptedException {
    recorder = into;
    startNanos = System.nanoTime();
    for (int i = 0; i < arrivals.size(); i++) {
      Arrival arrival = arrivals.get(i);
      sleepUntil(startNanos + arrival.atNanos());
      send(i, arrival);
    }
    if (!into.await(patienceMillis)) {
      into.giveUp(now());
    }
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup(); // The reader closes what it reads from.
  }

  private void send(int number, Arrival arrival) {
    Target target = leastLoaded(targets.get(arrival.stream()));
    target.unanswered().incrementAndGet();
    try {
      Connection connection = target.takeIdle();
      if (connection == null) {
        connection = Connection.open(target, selector);
      }
      recorder.sent(number, now());
      try {
        connection.send(number, arrival.cpuMicros());
      } catch (IOException e) {
        connection.close();
        throw e;
      }
    } catch (IOException e) {
      target.unanswered().decrementAndGet();
      recorder.completed(number, now(), Sample.BROKEN);
    }
  }

  private static Target leastLoaded(List<Target> some) {
    Target best = some.getFirst();
    for (int i = 1; i < some.size(); i++) {
      if (some.get(i).unanswered().get() < best.unanswered().get()) {
        best = some.get(i);
      }
    }
    return best;
  }

  private void readLoop() {
    try (selector) {
      while (!closed) {
        selector.select(this::readReady);
      }
      selector.keys().forEach(key -> ((Connection) key.attachment()).close());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readReady(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    int request = connection.request();
    try {
      int status = connection.read();
      if (status != 0) {
        long done = now();
        connection.target().unanswered().decrementAndGet();
        connection.target().putIdle(connection);
        recorder.completed(request, done, status);
      }
    } catch (IOException e) {
      connection.target().forget(connection);
      connection.close();
      if (request != Connection.NONE) {
        connection.target().unanswered().decrementAndGet();
        recorder.completed(request, now(), Sample.BROKEN);
      }
    }
  }

  private long now() {
    return System.nanoTime() - startNanos;
  }

  private static void sleepUntil(long nanoTime) throws InterruptedException {
    for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
      LockSupport.parkNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
