package dev.fareway.e2e.bench;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** By which policy the kernel schedules a thread now, sched_getscheduler(2). */
final class SchedulingPolicy {
  static final int SCHED_OTHER = 0;
  static final int SCHED_IDLE = 5;

  private static final MethodHandle GET = get();

  private SchedulingPolicy() {}

  /** Of a process' first thread; -1 if it is gone. */
  static int of(long pid) {
    try {
      return (int) GET.invokeExact((int) pid);
    } catch (Throwable e) {
      throw new IllegalStateException("sched_getscheduler", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle get() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("sched_getscheduler"),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  }
}
