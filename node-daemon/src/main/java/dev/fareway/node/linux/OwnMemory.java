package dev.fareway.node.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process' own memory. */
public final class OwnMemory {
  private static final int CURRENT = 1;
  private static final int FUTURE = 2;
  private static final int ON_FAULT = 4;
  private static final int CAP_IPC_LOCK = 14;
  private static final Path STATUS = Path.of("/proc/self/status");

  private OwnMemory() {}

  /**
   * Keeps every page that was once used in memory, mlockall(2): when memory is short, whoever is to
   * do something about it must not wait for its own program to be read from a disk. It takes no
   * more memory than is used anyway.
   *
   * @return whether it could be done; not without CAP_IPC_LOCK, whose lack would make later
   *     allocations fail at a limit
   */
  @SuppressWarnings("restricted") // That is what this package is for; the manifest allows it.
  public static boolean lock() {
    if (!mayLock()) {
      return false;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle lockAll =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mlockall"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    try {
      return (int) lockAll.invokeExact(CURRENT | FUTURE | ON_FAULT) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("mlockall", e);
    }
  }

  private static boolean mayLock() {
    try {
      for (String line : Files.readAllLines(STATUS, US_ASCII)) {
        if (line.startsWith("CapEff:")) {
          long capabilities =
              Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16);
          return (capabilities >>> CAP_IPC_LOCK & 1) != 0;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }
}
