package dev.fareway.node.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.fareway.node.core.ThreadPolicy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library's scheduling calls, sched_setscheduler(2) and its kin, for single threads.
 * Thread-safe.
 */
public final class SchedulingCalls {
  private static final int SCHED_OTHER = 0;
  private static final int SCHED_FIFO = 1;
  private static final int SCHED_IDLE = 5;
  private static final int SCHED_RESET_ON_FORK = 0x40000000;
  private static final int EPERM = 1;
  private static final int ESRCH = 3;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle setScheduler =
      call("sched_setscheduler", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private final MethodHandle getScheduler =
      call("sched_getscheduler", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private final MethodHandle getParam =
      call("sched_getparam", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private final MethodHandle getTid = call("gettid", FunctionDescriptor.of(JAVA_INT));

  /** A call that the kernel refused. */
  public static final class Refused extends IOException {
    private static final long serialVersionUID = 1;
    private final int errno;

    Refused(String call, int tid, int errno) {
      super(
          "%s of thread %d: %s"
              .formatted(call, tid, errno == EPERM ? "not permitted (EPERM)" : "errno " + errno));
      this.errno = errno;
    }

    /** Whether we lack the right, or the kernel does not allow it here. */
    public boolean isForbidden() {
      return errno == EPERM;
    }

    /** Whether the thread is gone. */
    public boolean isGone() {
      return errno == ESRCH;
    }
  }

  /**
   * Sets the policy of one thread. Threads and processes that it starts later inherit it.
   *
   * @param tid the thread's id; 0: the calling thread
   */
  public void set(int tid, ThreadPolicy policy) throws Refused {
    int number =
        switch (policy) {
          case ThreadPolicy.Normal() -> SCHED_OTHER;
          case ThreadPolicy.Idle() -> SCHED_IDLE;
          case ThreadPolicy.RealTime _ -> SCHED_FIFO;
        };
    int priority = policy instanceof ThreadPolicy.RealTime(int real) ? real : 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment param = arena.allocateFrom(JAVA_INT, priority);
      int result = (int) setScheduler.invokeExact(state, tid, number, param);
      check("sched_setscheduler", tid, result, state);
    } catch (Refused e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("sched_setscheduler", e);
    }
  }

  /** The policy of one thread; another than the three that we set counts as normal. */
  public ThreadPolicy get(int tid) throws Refused {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int policy = (int) getScheduler.invokeExact(state, tid);
      check("sched_getscheduler", tid, policy, state);
      MemorySegment param = arena.allocate(JAVA_INT);
      int result = (int) getParam.invokeExact(state, tid, param);
      check("sched_getparam", tid, result, state);
      return switch (policy & ~SCHED_RESET_ON_FORK) {
        case SCHED_FIFO -> new ThreadPolicy.RealTime(param.get(JAVA_INT, 0));
        case SCHED_IDLE -> new ThreadPolicy.Idle();
        default -> new ThreadPolicy.Normal();
      };
    } catch (Refused e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("sched_getscheduler", e);
    }
  }

  /** Id of the calling thread. */
  public int currentThread() {
    try (Arena arena = Arena.ofConfined()) {
      return (int) getTid.invokeExact(arena.allocate(STATE));
    } catch (Throwable e) {
      throw new IllegalStateException("gettid", e);
    }
  }

  private static void check(String call, int tid, int result, MemorySegment state) throws Refused {
    if (result < 0) {
      throw new Refused(call, tid, (int) ERRNO.get(state, 0L));
    }
  }

  @SuppressWarnings("restricted") // That is what this class is for; the manifest allows it.
  private static MethodHandle call(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState("errno"));
  }
}
