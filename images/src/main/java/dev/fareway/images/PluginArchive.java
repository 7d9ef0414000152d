package dev.fareway.images;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * The kubectl plugin as an archive to unpack and put on the PATH; the same files, the same bytes.
 */
final class PluginArchive {
  private static final int PROGRAM = 0100755;
  private static final int PLAIN = 0100644;

  private PluginArchive() {}

  /** Writes it: everything in one folder of the name {@code kubectl-fareway}. */
  static void write(Path folder, Path archive, Instant time) {
    List<ImageFile> files = ImageFile.ofFolder(folder, "kubectl-fareway");
    var gzip = new GzipParameters();
    gzip.setModificationInstant(time);
    try (var out =
        new TarArchiveOutputStream(
            new GzipCompressorOutputStream(
                new BufferedOutputStream(Files.newOutputStream(archive)), gzip))) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (ImageFile file : files) {
        var entry = new TarArchiveEntry(file.target());
        entry.setSize(Files.size(file.source()));
        entry.setMode(file.isExecutable() ? PROGRAM : PLAIN);
        entry.setModTime(Date.from(time));
        entry.setIds(0, 0);
        entry.setNames("root", "root");
        out.putArchiveEntry(entry);
        Files.copy(file.source(), out);
        out.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new ImagesException("%s can't be written.".formatted(archive), e);
    }
  }
}
