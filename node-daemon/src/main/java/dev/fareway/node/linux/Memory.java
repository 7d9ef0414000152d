package dev.fareway.node.linux;

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
    return bytes("MemAvailable:");
  }

  /** All memory, in bytes. */
  public static long totalBytes() throws IOException {
    return bytes("MemTotal:");
  }

  private static long bytes(String field) throws IOException {
    for (String line : Files.readAllLines(MEMINFO, StandardCharsets.US_ASCII)) {
      if (line.startsWith(field)) {
        String kibibytes = line.substring(field.length(), line.lastIndexOf(' ')).strip();
        return Long.parseLong(kibibytes) * 1024;
      }
    }
    throw new IOException("%s has no line %s".formatted(MEMINFO, field));
  }
}
