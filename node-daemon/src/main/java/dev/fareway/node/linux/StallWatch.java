package dev.fareway.node.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The kernel's word that work on this node stalls for want of memory: a trigger on pressure stall
 * information ({@code /proc/pressure/memory}), for 150 ms in 2 s.
 *
 * <p>The window is one that the kernel gives to everyone. A thread waits for it; it costs nothing
 * while nothing stalls.
 */
public final class StallWatch implements AutoCloseable {
  private static final String FILE = "/proc/pressure/memory";
  private static final String TRIGGER = "some 150000 2000000";
  private static final int O_RDWR = 2;
  private static final int O_NONBLOCK = 2048;
  private static final short POLLPRI = 2;
  private static final int WAIT_MILLIS = 5_000;

  private static final Linker LINKER = Linker.nativeLinker();

  private final MethodHandle poll =
      call("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private final MethodHandle close = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private final int fd;
  private final Runnable stalled;
  private volatile boolean ended;

  /**
   * A watch that runs.
   *
   * @param stalled called on the watch's thread, at most once in a window
   * @throws IOException if the kernel has no such information, or it is switched off
   */
  public StallWatch(Runnable stalled) throws IOException {
    this.stalled = stalled;
    this.fd = open();
    Thread.ofPlatform().name("stalls").daemon().start(this::run);
  }

  @SuppressWarnings("restricted") // As below.
  private static int open() throws IOException {
    MethodHandle open =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("open"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    MethodHandle write =
        call("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    try (Arena arena = Arena.ofConfined()) {
      int fd = (int) open.invokeExact(arena.allocateFrom(FILE), O_RDWR | O_NONBLOCK);
      if (fd < 0) {
        throw new IOException("there is no %s (a kernel without PSI, or psi=0)".formatted(FILE));
      }
      // With its ending zero.
      MemorySegment trigger = arena.allocateFrom(TRIGGER);
      if ((long) write.invokeExact(fd, trigger, trigger.byteSize()) < 0) {
        var _ = (int) call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT)).invokeExact(fd);
        throw new IOException("%s takes no trigger '%s'".formatted(FILE, TRIGGER));
      }
      return fd;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(FILE, e);
    }
  }

  private void run() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(8, 4);
      while (!ended) {
        request.set(JAVA_INT, 0, fd);
        request.set(JAVA_SHORT, 4, POLLPRI);
        request.set(JAVA_SHORT, 6, (short) 0);
        int ready = (int) poll.invokeExact(request, 1L, WAIT_MILLIS);
        short events = request.get(JAVA_SHORT, 6);
        if (ready > 0 && (events & POLLPRI) != 0) {
          stalled.run();
        } else if (ready != 0) {
          // An error, or a signal: never in a tight loop.
          Thread.sleep(1000);
        }
      }
      var _ = (int) close.invokeExact(fd);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      throw new IllegalStateException("poll of " + FILE, e);
    }
  }

  @Override
  public void close() {
    ended = true;
  }

  @SuppressWarnings("restricted") // That is what this class is for; the manifest allows it.
  private static MethodHandle call(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }
}
