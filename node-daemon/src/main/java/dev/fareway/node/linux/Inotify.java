package dev.fareway.node.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The kernel's file watches, inotify(7), read by the thread that acts on them.
 *
 * <p>Not by the JDK's watch service: there every event and every new watch goes through a thread of
 * its own that runs after all functions on real time, and what happened in a directory while nobody
 * asked is one event without an order. One thread adds, removes and reads; any may close.
 */
final class Inotify implements AutoCloseable {
  /** Something was created in the directory. */
  static final int CREATED = 0x100;

  /** Something was removed from the directory. */
  static final int DELETED = 0x200;

  /** Something in the directory has changed. */
  static final int MODIFIED = 0x2;

  private static final int OVERFLOW = 0x4000;
  private static final int IGNORED = 0x8000;
  private static final int ONLY_DIRECTORIES = 0x0100_0000;
  private static final int CLOSE_ON_EXEC = 0x8_0000;
  private static final short POLLIN = 1;
  private static final int ENOENT = 2;
  private static final int ENOTDIR = 20;
  private static final int ENOSPC = 28;
  private static final int HEAD_BYTES = 16;
  private static final int BUFFER_BYTES = 64 * 1024;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

  /**
   * Something has happened.
   *
   * @param watch where, as {@link #add} has said; -1 if not known
   * @param mask what
   * @param name to which entry of the directory; empty: to the directory itself
   */
  record Event(int watch, int mask, String name) {
    boolean isCreated() {
      return (mask & CREATED) != 0;
    }

    boolean isDeleted() {
      return (mask & DELETED) != 0;
    }

    boolean isModified() {
      return (mask & MODIFIED) != 0;
    }

    /** Whether the kernel has thrown events away since too many waited. */
    boolean isOverflow() {
      return (mask & OVERFLOW) != 0;
    }

    /** Whether the watch has ended with its directory. */
    boolean isEnd() {
      return (mask & IGNORED) != 0;
    }
  }

  private final MethodHandle addWatch =
      call("inotify_add_watch", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private final MethodHandle removeWatch =
      call("inotify_rm_watch", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private final MethodHandle poll =
      call("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private final MethodHandle read =
      call("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private final MethodHandle write =
      call("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private final MethodHandle close = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private final int events;

  /** Readable once it is to end. */
  private final int ending;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
  private final MemorySegment polled = arena.allocate(2 * 8, 8);

  Inotify() throws IOException {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(STATE);
      events =
          (int)
              call("inotify_init1", FunctionDescriptor.of(JAVA_INT, JAVA_INT))
                  .invokeExact(state, CLOSE_ON_EXEC);
      check("inotify_init1", events, state);
      ending =
          (int)
              call("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT))
                  .invokeExact(state, 0, CLOSE_ON_EXEC);
      check("eventfd", ending, state);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("inotify", e);
    }
  }

  /**
   * Watches a directory; what it is watched for replaces what it was.
   *
   * @return the watch, the same as before for a directory that is watched; empty if it is gone
   * @throws IOException if the kernel gives no further watch
   */
  OptionalInt add(Path directory, int mask) throws IOException {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(STATE);
      int watch =
          (int)
              addWatch.invokeExact(
                  state, events, call.allocateFrom(directory.toString()), mask | ONLY_DIRECTORIES);
      if (watch >= 0) {
        return OptionalInt.of(watch);
      }
      int errno = (int) ERRNO.get(state, 0L);
      if (errno == ENOENT || errno == ENOTDIR) {
        return OptionalInt.empty();
      }
      throw new IOException(
          errno == ENOSPC
              ? "no watch left for " + directory
              : "%s can't be watched: errno %d".formatted(directory, errno));
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("inotify_add_watch", e);
    }
  }

  /** Ends a watch; nothing if it has ended. */
  void remove(int watch) {
    try (Arena call = Arena.ofConfined()) {
      var _ = (int) removeWatch.invokeExact(call.allocate(STATE), events, watch);
    } catch (Throwable e) {
      throw new IllegalStateException("inotify_rm_watch", e);
    }
  }

  /**
   * Waits for something to happen.
   *
   * @param millis at most; -1: as long as it takes
   * @return what has, in its order; none if the time is over, or it was closed
   */
  List<Event> await(int millis) throws IOException {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(STATE);
      polled.set(JAVA_INT, 0, events);
      polled.set(JAVA_SHORT, 4, POLLIN);
      polled.set(JAVA_INT, 8, ending);
      polled.set(JAVA_SHORT, 12, POLLIN);
      int ready = (int) poll.invokeExact(state, polled, 2L, millis);
      if (ready <= 0 || polled.get(JAVA_SHORT, 14) != 0) {
        return List.of();
      }
      long length = (long) read.invokeExact(state, events, buffer, (long) BUFFER_BYTES);
      check("read of inotify", length, state);
      return parsed(length);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("poll of inotify", e);
    }
  }

  /** {@code struct inotify_event}: watch, mask, cookie, length of the name, name and zeros. */
  private List<Event> parsed(long length) {
    var all = new ArrayList<Event>();
    for (long at = 0; at + HEAD_BYTES <= length; ) {
      int nameBytes = buffer.get(JAVA_INT, at + 12);
      all.add(
          new Event(
              buffer.get(JAVA_INT, at),
              buffer.get(JAVA_INT, at + 4),
              nameBytes == 0 ? "" : buffer.getString(at + HEAD_BYTES)));
      at += HEAD_BYTES + nameBytes;
    }
    return all;
  }

  /** Wakes the thread that waits. */
  void wake() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment one = call.allocate(JAVA_LONG);
      one.set(JAVA_LONG, 0, 1);
      var _ = (long) write.invokeExact(call.allocate(STATE), ending, one, 8L);
    } catch (Throwable e) {
      throw new IllegalStateException("write of eventfd", e);
    }
  }

  /** Gives all back to the kernel; nobody may wait any more. */
  @Override
  public void close() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(STATE);
      var _ = (int) close.invokeExact(state, events);
      var _ = (int) close.invokeExact(state, ending);
    } catch (Throwable e) {
      throw new IllegalStateException("close of inotify", e);
    }
    arena.close();
  }

  private static void check(String call, long result, MemorySegment state) throws IOException {
    if (result < 0) {
      throw new IOException("%s: errno %d".formatted(call, (int) ERRNO.get(state, 0L)));
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
