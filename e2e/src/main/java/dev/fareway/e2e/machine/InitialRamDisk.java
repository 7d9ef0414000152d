package dev.fareway.e2e.machine;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;

/**
 * A node's first file system, as a cpio archive: busybox, the init script, and whatever else is
 * added, each with the folders above it.
 */
final class InitialRamDisk implements AutoCloseable {
  private static final List<Path> BUSYBOX =
      List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox"));

  private final CpioArchiveOutputStream archive;
  private final Set<String> folders = new HashSet<>();
  private final Set<String> files = new HashSet<>();

  private InitialRamDisk(CpioArchiveOutputStream archive) {
    this.archive = archive;
  }

  /** Why there can be none here; empty if there can. */
  static java.util.Optional<String> missing() {
    return BUSYBOX.stream().anyMatch(Files::isExecutable)
        ? java.util.Optional.empty()
        : java.util.Optional.of(
            "no static busybox in %s: install the package busybox-static".formatted(BUSYBOX));
  }

  /**
   * Begins one.
   *
   * @param init a script for busybox' shell
   */
  static InitialRamDisk create(Path file, byte[] init) throws IOException {
    var disk =
        new InitialRamDisk(
            new CpioArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(file))));
    Path busybox = BUSYBOX.stream().filter(Files::isExecutable).findFirst().orElseThrow();
    disk.program("bin/busybox", Files.readAllBytes(busybox));
    disk.program("init", init);
    return disk;
  }

  /** Adds an empty folder. */
  void folder(String path) throws IOException {
    if (path.isEmpty() || !folders.add(path)) {
      return;
    }
    above(path);
    var entry = new CpioArchiveEntry(path);
    entry.setMode(CpioArchiveEntry.C_ISDIR | 0755);
    archive.putArchiveEntry(entry);
    archive.closeArchiveEntry();
  }

  /** Adds a file that can be run; nothing if it is there. */
  void program(String path, byte[] content) throws IOException {
    if (!files.add(path)) {
      return;
    }
    above(path);
    var entry = new CpioArchiveEntry(path, content.length);
    entry.setMode(CpioArchiveEntry.C_ISREG | 0755);
    archive.putArchiveEntry(entry);
    archive.write(content);
    archive.closeArchiveEntry();
  }

  /** Adds a file or a folder with all in it, under the path that it has here; links as files. */
  void copy(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      try (var all = Files.walk(path)) {
        for (Path one : all.filter(Files::isRegularFile).sorted().toList()) {
          copy(one);
        }
      }
    } else {
      program(path.toString().substring(1), Files.readAllBytes(path));
    }
  }

  private void above(String path) throws IOException {
    int slash = path.lastIndexOf('/');
    if (slash > 0) {
      folder(path.substring(0, slash));
    }
  }

  @Override
  public void close() throws IOException {
    archive.close();
  }
}
