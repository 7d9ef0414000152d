package dev.fareway.e2e.uml;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;

/** The node's first file system: busybox and the init script, as a cpio archive. */
final class InitialRamDisk {
  private static final List<String> FOLDERS = List.of("bin", "proc", "sys", "dev", "mnt");

  private InitialRamDisk() {}

  static void write(Path file, Path busybox, byte[] init) throws IOException {
    try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file));
        var archive = new CpioArchiveOutputStream(stream)) {
      for (String folder : FOLDERS) {
        var entry = new CpioArchiveEntry(folder);
        entry.setMode(CpioArchiveEntry.C_ISDIR | 0755);
        archive.putArchiveEntry(entry);
        archive.closeArchiveEntry();
      }
      var programs = Map.of("bin/busybox", Files.readAllBytes(busybox), "init", init);
      for (var program : programs.entrySet()) {
        var entry = new CpioArchiveEntry(program.getKey(), program.getValue().length);
        entry.setMode(CpioArchiveEntry.C_ISREG | 0755);
        archive.putArchiveEntry(entry);
        archive.write(program.getValue());
        archive.closeArchiveEntry();
      }
    }
  }
}
