package dev.fareway.e2e.load;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Puts threads of this process under {@code SCHED_FIFO} (see sched(7)), by the C library's {@code
 * sched_setscheduler}.
 */
public final class RealtimePriority {
  private static final int SCHED_OTHER = 0;
  private static final int SCHED_FIFO = 1;
  private static final int EPERM = 1;
  private static final int ESRCH = 3;
  private static final Path THREADS = Path.of("/proc/self/task");
  private static final StructLayout ERRNO = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO_VALUE =
      ERRNO.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private RealtimePriority() {}

  /**
   * Puts every thread of this process under {@code SCHED_FIFO}, those of the virtual machine too:
   * one of them held up would hold up all others. Threads born later inherit it.
   *
   * @param priority 1 to 99
   * @return why it could not be done, or nothing if it was
   */
  public static Optional<String> raiseProcess(int priority) {
    try {
      MethodHandle set = setScheduler();
      Set<Integer> raised = new HashSet<>();
      boolean more = true;
      while (more) {
        more = false;
        for (int thread : threads()) {
          if (raised.add(thread)) {
            more = true;
            int error = call(set, thread, SCHED_FIFO, priority);
            if (error != 0 && error != ESRCH) {
              return Optional.of(reason(error));
            }
          }
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("its threads can't be listed: " + e.getMessage());
    } catch (LinkageError | UnsupportedOperationException | IllegalArgumentException e) {
      return Optional.of("the C library can't be called: " + e.getMessage());
    }
  }

  /**
   * Puts the calling thread alone under {@code SCHED_FIFO}.
   *
   * @param priority 1 to 99
   * @return why it could not be done, or nothing if it was
   */
  public static Optional<String> raiseThread(int priority) {
    try {
      int error = call(setScheduler(), 0, SCHED_FIFO, priority);
      return error == 0 ? Optional.empty() : Optional.of(reason(error));
    } catch (LinkageError | UnsupportedOperationException | IllegalArgumentException e) {
      return Optional.of("the C library can't be called: " + e.getMessage());
    }
  }

  /**
   * Tries on the calling thread whether this process may set real-time priorities, and leaves it on
   * the normal scheduler.
   *
   * @return why it may not, or nothing if it may
   */
  public static Optional<String> probe() {
    try {
      MethodHandle set = setScheduler();
      int error = call(set, 0, SCHED_FIFO, 1);
      if (error != 0) {
        return Optional.of(reason(error));
      }
      call(set, 0, SCHED_OTHER, 0);
      return Optional.empty();
    } catch (LinkageError | UnsupportedOperationException | IllegalArgumentException e) {
      return Optional.of("the C library can't be called: " + e.getMessage());
    }
  }

  private static Set<Integer> threads() throws IOException {
    Set<Integer> ids = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(THREADS)) {
      for (Path entry : entries) {
        ids.add(Integer.valueOf(entry.getFileName().toString()));
      }
    } catch (NoSuchFileException e) {
      throw new IOException(THREADS + " is not there; this is not Linux", e);
    }
    return ids;
  }

  @SuppressWarnings("restricted") // The signature below is sched_setscheduler(2).
  private static MethodHandle setScheduler() {
    Linker linker = Linker.nativeLinker();
    SymbolLookup lookup = linker.defaultLookup();
    return linker.downcallHandle(
        lookup.findOrThrow("sched_setscheduler"),
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
        Linker.Option.captureCallState("errno"));
  }

  /** The error number of the call, 0 if it went well. */
  private static int call(MethodHandle set, int thread, int policy, int priority) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(ERRNO);
      // struct sched_param has one member, sched_priority.
      MemorySegment parameter = arena.allocateFrom(ValueLayout.JAVA_INT, priority);
      int result = (int) set.invokeExact(errno, thread, policy, parameter);
      return result == 0 ? 0 : (int) ERRNO_VALUE.get(errno, 0L);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall threw a checked exception", e);
    }
  }

  private static String reason(int error) {
    return error == EPERM
        ? "the kernel refuses it (EPERM): it needs root or CAP_SYS_NICE"
        : "the kernel refuses it (errno " + error + ")";
  }
}
