package dev.fareway.e2e.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes the reports into a folder: each file is there whole or not at all. */
public final class ReportFiles {
  private final Path folder;

  private ReportFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * Takes a folder for the reports, made if it is not there.
   *
   * @throws IOException if it can't be made or written to
   */
  public static ReportFiles in(Path folder) throws IOException {
    Files.createDirectories(folder);
    // Better refused now than after minutes of measuring.
    Files.delete(Files.createTempFile(folder, ".report", ".probe"));
    return new ReportFiles(folder);
  }

  /** Writes {@code report.json} and {@code report.html}. */
  public void write(DemoResult result) throws IOException {
    write("report.json", ReportJson.of(result));
    write("report.html", ReportPage.of(result).getBytes(UTF_8));
  }

  /** The page for people. */
  public Path page() {
    return folder.resolve("report.html");
  }

  /** The file for programs. */
  public Path json() {
    return folder.resolve("report.json");
  }

  private void write(String name, byte[] content) throws IOException {
    Path part = Files.createTempFile(folder, "." + name, ".part");
    try {
      Files.write(part, content);
      // A temporary file is its owner's alone; a report is for whoever may see the folder.
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(
          part,
          folder.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IOException("can't write " + folder.resolve(name) + ": " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
