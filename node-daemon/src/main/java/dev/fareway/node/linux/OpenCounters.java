package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The CPU time of cgroups that are asked for it several times a second: their files stay open, so
 * that each time is one system call and no text is kept. Not thread-safe.
 */
final class OpenCounters implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(OpenCounters.class.getName());
  private static final byte[] USAGE = "usage_usec ".getBytes(US_ASCII);

  /** It is the first line. */
  private static final int ENOUGH = 64;

  private final Map<Path, FileChannel> open = new HashMap<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(ENOUGH);

  /** CPU time that a cgroup has used so far, in microseconds; empty if it is gone. */
  OptionalLong cpuMicros(Path cgroup) {
    try {
      FileChannel channel = open.get(cgroup);
      if (channel == null) {
        channel = FileChannel.open(cgroup.resolve("cpu.stat"), StandardOpenOption.READ);
        open.put(cgroup, channel);
      }
      buffer.clear();
      channel.read(buffer, 0);
      return usage(buffer.flip());
    } catch (IOException e) {
      // Gone; one of the same name would be another.
      close(open.remove(cgroup));
      return OptionalLong.empty();
    }
  }

  private static OptionalLong usage(ByteBuffer text) {
    for (byte expected : USAGE) {
      if (!text.hasRemaining() || text.get() != expected) {
        return OptionalLong.empty();
      }
    }
    long micros = 0;
    while (text.hasRemaining()) {
      int digit = text.get() - '0';
      if (digit < 0 || digit > 9) {
        return OptionalLong.of(micros);
      }
      micros = micros * 10 + digit;
    }
    return OptionalLong.empty();
  }

  /** Closes all but these. */
  void retain(Set<Path> cgroups) {
    open.entrySet()
        .removeIf(
            of -> {
              boolean over = !cgroups.contains(of.getKey());
              if (over) {
                close(of.getValue());
              }
              return over;
            });
  }

  @Override
  public void close() {
    retain(Set.of());
  }

  private static void close(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        LOG.log(Level.FINE, "A cgroup''s file was not closed: {0}", e.getMessage());
      }
    }
  }
}
