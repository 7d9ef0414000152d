package dev.fareway.node.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * The kernel's advice on another process' memory, process_madvise(2).
 *
 * <p>Called by number, which is the same on every processor since Linux 5.x. Thread-safe.
 */
final class MemoryCalls {
  private static final long PIDFD_OPEN = 434;
  private static final long PROCESS_MADVISE = 440;
  private static final int ENOSYS = 38;
  private static final int EPERM = 1;
  private static final int MOST_RANGES = 1024;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
  private static final MemoryLayout RANGE = MemoryLayout.structLayout(JAVA_LONG, JAVA_LONG);

  private final MethodHandle pidFd =
      call(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));
  private final MethodHandle advise =
      call(
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));
  private final MethodHandle close = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /** Size of a page in bytes. */
  final long pageBytes = pageSize();

  /** What is to be done with a range of memory. */
  enum Advice {
    /** It will be needed: read it from swap. */
    WILL_NEED(3),
    /** It is not needed: write it to swap. */
    PAGE_OUT(21);

    private final int number;

    Advice(int number) {
      this.number = number;
    }
  }

  /**
   * Pages that lie side by side.
   *
   * @param address of the first byte
   * @param bytes a multiple of the page size
   */
  record Range(long address, long bytes) {}

  /** A call that the kernel refused. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;
    private final int errno;

    Refused(String call, int pid, int errno) {
      super("%s of process %d: %s".formatted(call, pid, name(errno)));
      this.errno = errno;
    }

    /** Whether it will never work here: the kernel lacks it, or we lack the right. */
    boolean isHopeless() {
      return errno == ENOSYS || errno == EPERM;
    }

    private static String name(int errno) {
      return switch (errno) {
        case ENOSYS -> "the kernel has no such call (ENOSYS)";
        case EPERM -> "not permitted (EPERM)";
        default -> "errno " + errno;
      };
    }
  }

  /**
   * Gives advice on memory of a process.
   *
   * @return how many bytes were advised on
   * @throws Refused if it was refused for all of it
   */
  long advise(int pid, List<Range> ranges, Advice advice) throws Refused {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long fd = (long) pidFd.invokeExact(state, PIDFD_OPEN, pid, 0);
      check("pidfd_open", pid, fd, state);
      try {
        long done = 0;
        for (int from = 0; from < ranges.size(); from += MOST_RANGES) {
          List<Range> part = ranges.subList(from, Math.min(ranges.size(), from + MOST_RANGES));
          MemorySegment vector = arena.allocate(RANGE, part.size());
          for (int i = 0; i < part.size(); i++) {
            vector.setAtIndex(ValueLayout.JAVA_LONG, 2L * i, part.get(i).address);
            vector.setAtIndex(ValueLayout.JAVA_LONG, 2L * i + 1, part.get(i).bytes);
          }
          long result =
              (long)
                  advise.invokeExact(
                      state,
                      PROCESS_MADVISE,
                      (int) fd,
                      vector,
                      (long) part.size(),
                      advice.number,
                      0);
          if (done == 0) {
            check("process_madvise", pid, result, state);
          }
          done += Math.max(0, result);
        }
        return done;
      } finally {
        var _ = (int) close.invokeExact((int) fd);
      }
    } catch (Refused e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("process_madvise", e);
    }
  }

  private static long pageSize() {
    try {
      return (int) call("getpagesize", FunctionDescriptor.of(JAVA_INT)).invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException("getpagesize", e);
    }
  }

  private static void check(String call, int pid, long result, MemorySegment state) throws Refused {
    if (result < 0) {
      throw new Refused(call, pid, (int) ERRNO.get(state, 0L));
    }
  }

  @SuppressWarnings("restricted") // That is what this class is for; the manifest allows it.
  private static MethodHandle call(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }
}
