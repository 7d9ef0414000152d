package dev.fareway.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file on its way into an image.
 *
 * @param source where it is here
 * @param target where it is there, from the root
 */
record ImageFile(Path source, String target, boolean isExecutable) {

  /** All files of a folder, links followed, in the order of their paths. */
  static List<ImageFile> ofFolder(Path folder, String target) {
    try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return files
          .filter(Files::isRegularFile)
          .map(
              file ->
                  new ImageFile(
                      file,
                      target + "/" + slashes(folder.relativize(file)),
                      Files.isExecutable(file) && !file.toString().endsWith(".jar")))
          .sorted(java.util.Comparator.comparing(ImageFile::target))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String slashes(Path path) {
    return path.toString().replace('\\', '/');
  }
}
