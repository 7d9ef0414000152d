package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fareway.node.linux.MemoryCalls.Range;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which pages of a process are where, from {@code /proc/PID/smaps} and {@code /proc/PID/pagemap}.
 */
final class ProcessPages {
  /** Where pages of a process are. */
  enum Where {
    MEMORY("Anonymous:", 63),
    SWAP("Swap:", 62);

    private final String field;
    private final int bit;

    Where(String field, int bit) {
      this.field = field;
      this.bit = bit;
    }

    private boolean isIn(long entry) {
      return (entry >>> bit & 1) != 0 && (entry >>> FILE_OR_SHARED & 1) == 0;
    }
  }

  private static final int FILE_OR_SHARED = 61;

  private static final int ENTRY = Long.BYTES;
  private static final int ENTRIES_AT_ONCE = 8192;
  private static final long KIBIBYTE = 1024;

  private ProcessPages() {}

  /**
   * Ranges of pages that are in memory, or in swap, from an address upward.
   *
   * @param mostBytes at most so much in all
   * @return in order of addresses; empty if there are none above
   * @throws IOException if the process is gone, or we may not look at it
   */
  static List<Range> find(int pid, Where where, long from, long mostBytes, long pageBytes)
      throws IOException {
    var ranges = new ArrayList<Range>();
    long left = mostBytes;
    try (var pagemap = new RandomAccessFile("/proc/" + pid + "/pagemap", "r")) {
      for (Range mapping : mappings(pid, where)) {
        if (left < pageBytes) {
          break;
        }
        long end = mapping.address() + mapping.bytes();
        long start = Math.max(from, mapping.address());
        left -= scan(pagemap, where, start, end, left, pageBytes, ranges);
      }
    }
    return ranges;
  }

  /** Adds what is found between two addresses, and says how much. */
  private static long scan(
      RandomAccessFile pagemap,
      Where where,
      long start,
      long end,
      long most,
      long pageBytes,
      List<Range> into)
      throws IOException {
    byte[] bytes = new byte[ENTRIES_AT_ONCE * ENTRY];
    long found = 0;
    long runStart = -1;
    long at = start;
    while (at < end && found < most) {
      int entries = (int) Math.min(ENTRIES_AT_ONCE, (end - at) / pageBytes);
      pagemap.seek(at / pageBytes * ENTRY);
      int read = pagemap.read(bytes, 0, entries * ENTRY);
      if (read < ENTRY) {
        break;
      }
      var content = ByteBuffer.wrap(bytes, 0, read).order(ByteOrder.nativeOrder()).asLongBuffer();
      while (content.hasRemaining() && found < most) {
        boolean is = where.isIn(content.get());
        if (is) {
          runStart = runStart < 0 ? at : runStart;
          found += pageBytes;
        } else if (runStart >= 0) {
          into.add(new Range(runStart, at - runStart));
          runStart = -1;
        }
        at += pageBytes;
      }
    }
    if (runStart >= 0) {
      into.add(new Range(runStart, at - runStart));
    }
    return found;
  }

  /** The private mappings that have pages there. */
  private static List<Range> mappings(int pid, Where where) throws IOException {
    var mappings = new ArrayList<Range>();
    try (BufferedReader lines =
        Files.newBufferedReader(Path.of("/proc/" + pid + "/smaps"), UTF_8)) {
      Range mapping = null;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int dash = line.indexOf('-');
        int space = line.indexOf(' ');
        if (dash > 0 && dash < space && line.charAt(space - 1) != ':') {
          long start = Long.parseUnsignedLong(line.substring(0, dash), 16);
          long end = Long.parseUnsignedLong(line.substring(dash + 1, space), 16);
          // Shared memory is not one process' own; addresses of the kernel's can't be advised on.
          mapping =
              line.charAt(space + 4) == 'p' && start >= 0 ? new Range(start, end - start) : null;
        } else if (mapping != null && line.startsWith(where.field) && kibibytes(line) > 0) {
          mappings.add(mapping);
        }
      }
    }
    return mappings;
  }

  private static long kibibytes(String line) {
    String value = line.substring(line.indexOf(':') + 1, line.length() - " kB".length()).strip();
    return Long.parseLong(value) * KIBIBYTE;
  }
}
