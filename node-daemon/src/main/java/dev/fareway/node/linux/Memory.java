package dev.fareway.node.linux;

import dev.fareway.node.core.MemoryReading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The node's memory, from {@code /proc/meminfo}. */
public final class Memory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");

  private Memory() {}

  /** Memory that can be taken without swapping, in bytes. */
  public static long availableBytes() throws IOException {
    return bytes(content(), "MemAvailable:");
  }

  /** All memory, in bytes. */
  public static long totalBytes() throws IOException {
    return bytes(content(), "MemTotal:");
  }

  /**
   * Memory and swap at one moment.
   *
   * @param stalled what the kernel's pressure stall information says
   */
  public static MemoryReading read(boolean stalled) throws IOException {
    String content = content();
    return new MemoryReading(
        bytes(content, "MemTotal:"),
        bytes(content, "MemAvailable:"),
        bytes(content, "SwapTotal:"),
        bytes(content, "SwapFree:"),
        stalled);
  }

  private static String content() throws IOException {
    return Files.readString(MEMINFO, StandardCharsets.US_ASCII);
  }

  private static long bytes(String content, String field) throws IOException {
    int at = content.startsWith(field) ? 0 : content.indexOf("\n" + field) + 1;
    int end = content.indexOf(" kB", at);
    if ((at == 0 && !content.startsWith(field)) || end < 0) {
      throw new IOException("%s has no line %s".formatted(MEMINFO, field));
    }
    return Long.parseLong(content.substring(at + field.length(), end).strip()) * 1024;
  }
}
