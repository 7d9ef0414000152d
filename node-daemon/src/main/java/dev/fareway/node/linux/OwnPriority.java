package dev.fareway.node.linux;

import dev.fareway.node.core.ThreadPolicy;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Lets the daemon's own threads that enforce run before what they enforce: a new function waits for
 * its policy no longer because others are busy.
 *
 * <p>On real time just above the functions and below the kernel's own threads, where the kernel
 * allows it; by the best nice value else. What such a thread starts does not inherit it.
 */
public final class OwnPriority {
  private static final Logger LOG = Logger.getLogger(OwnPriority.class.getName());
  private static final int PRIORITY = ThreadPolicy.RealTime.MAX_PRIORITY + 5;
  private static final int LESS = ThreadPolicy.RealTime.MAX_PRIORITY + 3;
  private static final int NICE = -15;
  private static final long RESET_ON_FORK = 1;

  /** It collects garbage: who enforces must not wait for it behind a function. */
  private static final String COLLECTOR = "VM Thread";

  private final SchedulingCalls calls;

  public OwnPriority(SchedulingCalls calls) {
    this.calls = calls;
  }

  /** Raises the calling thread. */
  public void raise() {
    raise(0, Thread.currentThread().getName(), PRIORITY);
  }

  /** The same, below those that enforce. */
  public void raiseLess() {
    raise(0, Thread.currentThread().getName(), LESS);
  }

  /** Raises the thread of this process that the others wait for while it collects garbage. */
  public void raiseCollector() {
    try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        int tid = Integer.parseInt(String.valueOf(task.getFileName()));
        if (COLLECTOR.equals(Processes.name(tid))) {
          raise(tid, COLLECTOR, PRIORITY);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.log(Level.FINE, "the threads of this process can't be listed", e);
    }
  }

  private void raise(int tid, String name, int priority) {
    try {
      calls.set(tid, new ThreadState(ThreadState.SCHED_FIFO, RESET_ON_FORK, 0, priority));
    } catch (SchedulingCalls.Refused realTime) {
      try {
        calls.set(tid, new ThreadState(ThreadState.SCHED_OTHER, RESET_ON_FORK, NICE, 0));
      } catch (SchedulingCalls.Refused nice) {
        LOG.log(
            Level.INFO,
            "Thread {0} runs as any other, and new functions may wait for their policy on a busy node: {1}",
            new Object[] {name, nice.getMessage()});
      }
    }
  }
}
