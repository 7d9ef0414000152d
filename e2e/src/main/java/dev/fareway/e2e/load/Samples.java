package dev.fareway.e2e.load;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The compact file of all requests of a run: a magic number, a version, a count, then 34 bytes a
 * request, all big-endian.
 */
public final class Samples {
  private static final int MAGIC = 0x46574c47; // "FWLG"
  private static final int VERSION = 1;

  private Samples() {}

  /** Writes the file. */
  static void write(Path file, List<Sample> samples) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.writeInt(MAGIC);
      out.writeInt(VERSION);
      out.writeInt(samples.size());
      for (Sample sample : samples) {
        out.writeShort(sample.stream());
        out.writeInt(sample.cpuMicros());
        out.writeLong(sample.intendedNanos());
        out.writeLong(sample.sentNanos());
        out.writeLong(sample.doneNanos());
        out.writeInt(sample.status());
      }
    }
  }

  /**
   * Reads the file.
   *
   * @throws IOException if it can't be read or is not such a file
   */
  public static List<Sample> read(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      if (in.readInt() != MAGIC || in.readInt() != VERSION) {
        throw new IOException(file + " is not a load generator's record of version " + VERSION);
      }
      int count = in.readInt();
      List<Sample> samples = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        samples.add(
            new Sample(
                in.readShort(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readInt()));
      }
      return List.copyOf(samples);
    }
  }
}
