package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code memory.reclaim}, on a thread of its own: the kernel works in the write itself, as
 * long as it takes. At a deadline the write is broken off by the signal that closes a channel (the
 * kernel looks for signals between small parts of the work).
 */
final class Reclaimer implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("reclaim").daemon().factory());
  private @Nullable Future<?> last;

  /**
   * Has memory of a cgroup reclaimed; that less was found than asked for is no error.
   *
   * @throws IOException if the kernel does not take it, or the write before has not ended yet
   */
  void reclaim(Path cgroup, long bytes, long deadlineNanos)
      throws IOException, InterruptedException {
    if (last != null && !last.isDone()) {
      throw new IOException("memory.reclaim has not come back from the step before");
    }
    Future<?> step =
        thread.submit(
            () -> {
              write(cgroup.resolve("memory.reclaim"), bytes);
              return null;
            });
    last = step;
    try {
      step.get(deadlineNanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      step.cancel(true);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static void write(Path file, long bytes) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(Long.toString(bytes).getBytes(US_ASCII)));
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      // EAGAIN: less was found than asked for.
      if (!message.contains("temporarily unavailable")) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
