package dev.fareway.node.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.fareway.node.core.ThreadPolicy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * The kernel's scheduling calls for single threads, sched_setattr(2) and sched_getattr(2).
 *
 * <p>Called by number: the C library of many distributions has no functions for them. Both policy
 * and nice value come and go in one call. Thread-safe.
 */
public final class SchedulingCalls {
  private static final int EPERM = 1;
  private static final int ESRCH = 3;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

  /** {@code struct sched_attr} in its first version, which every kernel takes. */
  private static final StructLayout ATTRIBUTES =
      MemoryLayout.structLayout(
          JAVA_INT.withName("size"),
          JAVA_INT.withName("policy"),
          JAVA_LONG.withName("flags"),
          JAVA_INT.withName("nice"),
          JAVA_INT.withName("priority"),
          JAVA_LONG.withName("runtime"),
          JAVA_LONG.withName("deadline"),
          JAVA_LONG.withName("period"));

  private static final VarHandle SIZE = field("size");
  private static final VarHandle POLICY = field("policy");
  private static final VarHandle FLAGS = field("flags");
  private static final VarHandle NICE = field("nice");
  private static final VarHandle PRIORITY = field("priority");

  private final long setNumber;
  private final long getNumber;
  private final MethodHandle set =
      call(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));
  private final MethodHandle get =
      call(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));
  private final MethodHandle getTid = call("gettid", FunctionDescriptor.of(JAVA_INT));

  /**
   * The calls of this machine.
   *
   * @throws UnsupportedOperationException on a processor whose call numbers are not known
   */
  public SchedulingCalls() {
    String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    switch (processor) {
      case "amd64", "x86_64" -> {
        setNumber = 314;
        getNumber = 315;
      }
      case "aarch64", "riscv64" -> {
        setNumber = 274;
        getNumber = 275;
      }
      default ->
          throw new UnsupportedOperationException(
              "the numbers of the scheduling calls on %s are not known".formatted(processor));
    }
  }

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
   * Sets the policy of one thread that was not touched before. Threads and processes that it starts
   * later inherit it.
   *
   * @param tid the thread's id; 0: the calling thread
   */
  public void set(int tid, ThreadPolicy policy) throws Refused {
    set(tid, ThreadState.USUAL.under(policy));
  }

  /** Sets how one thread is scheduled. */
  void set(int tid, ThreadState wanted) throws Refused {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment attributes = arena.allocate(ATTRIBUTES);
      SIZE.set(attributes, 0L, (int) ATTRIBUTES.byteSize());
      POLICY.set(attributes, 0L, wanted.policy());
      FLAGS.set(attributes, 0L, wanted.flags());
      NICE.set(attributes, 0L, wanted.nice());
      PRIORITY.set(attributes, 0L, wanted.priority());
      long result = (long) set.invokeExact(state, setNumber, tid, attributes, 0);
      check("sched_setattr", tid, result, state);
    } catch (Refused e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("sched_setattr", e);
    }
  }

  /** How one thread is scheduled now. */
  ThreadState get(int tid) throws Refused {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment attributes = arena.allocate(ATTRIBUTES);
      long result =
          (long) get.invokeExact(state, getNumber, tid, attributes, (int) ATTRIBUTES.byteSize(), 0);
      check("sched_getattr", tid, result, state);
      return new ThreadState(
          (int) POLICY.get(attributes, 0L),
          (long) FLAGS.get(attributes, 0L),
          (int) NICE.get(attributes, 0L),
          (int) PRIORITY.get(attributes, 0L));
    } catch (Refused e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("sched_getattr", e);
    }
  }

  /** Id of the calling thread. */
  public int currentThread() {
    try {
      return (int) getTid.invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException("gettid", e);
    }
  }

  private static void check(String call, int tid, long result, MemorySegment state) throws Refused {
    if (result < 0) {
      throw new Refused(call, tid, (int) ERRNO.get(state, 0L));
    }
  }

  private static VarHandle field(String name) {
    return ATTRIBUTES.varHandle(PathElement.groupElement(name));
  }

  @SuppressWarnings("restricted") // That is what this class is for; the manifest allows it.
  private static MethodHandle call(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }
}
