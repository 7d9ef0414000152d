package dev.fareway.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A program's classes, parsed and laid out by the very runtime that the image ships (class data
 * sharing), so that a start need not. It is made from a list of classes that is part of the
 * package: the same list, program and runtime give the same bytes, wherever it is made.
 *
 * @param file where it is here
 */
record ClassArchive(Path file) {
  /** The list, in the folder that is packaged. */
  static final String LIST = "classes.list";

  /**
   * The folder in which the runtime is started, wherever that is. The archive keeps the program's
   * path, and is good for any other folder with the same files below it.
   */
  private static final String HERE = "/proc/self/cwd/";

  /** The archive, where the program is in an image. */
  private static final String NAME = "classes.jsa";

  /** Whether a program comes with a list. */
  static boolean isWanted(Path packaged) {
    return Files.isRegularFile(packaged.resolve(LIST));
  }

  /**
   * Makes it.
   *
   * @param runtime of the image
   * @param packaged the program's folder
   * @param work for a copy of the program, of which every file is as old as in the image: the
   *     runtime takes no archive of others
   */
  static ClassArchive make(
      JavaRuntime runtime, ImageSpec spec, Path packaged, Path work, Instant time) {
    Path staged = work.resolve("staged-" + spec.name());
    Path archive = work.resolve(spec.name() + "-" + NAME);
    FileTime age = FileTime.from(time);
    try {
      Folders.delete(staged);
      for (ImageFile file : ImageFile.ofFolder(packaged, "")) {
        if (file.target().endsWith(".aot")) {
          continue;
        }
        Path copy = staged.resolve(packaged.relativize(file.source()).toString());
        Files.createDirectories(Objects.requireNonNull(copy.getParent()));
        Files.copy(file.source(), copy);
        Files.setLastModifiedTime(copy, age);
      }
      Files.deleteIfExists(archive);
      // The JDK's classes, which the archive has, too.
      Files.setLastModifiedTime(runtime.folder().resolve("lib/modules"), age);
    } catch (IOException e) {
      throw new ImagesException(
          "%s can't be copied to %s: %s".formatted(packaged, staged, e.getMessage()), e);
    }
    var command = new ArrayList<String>();
    command.add(runtime.folder().resolve("bin/java").toString());
    if (Files.isRegularFile(staged.resolve(ImageBuilder.OPTIONS))) {
      command.add("@" + ImageBuilder.OPTIONS);
    }
    command.addAll(
        List.of(
            "-Xshare:dump",
            // Objects in it lie as in a heap of this size, whatever memory this machine has.
            "-Xmx512m",
            "-XX:SharedClassListFile=" + LIST,
            "-XX:SharedArchiveFile=" + archive,
            "-jar",
            HERE + spec.jar()));
    String said = Programs.run(staged, command);
    if (!Files.isRegularFile(archive)) {
      throw new ImagesException("No archive of %s's classes: %s".formatted(spec.name(), said));
    }
    try {
      Folders.delete(staged);
    } catch (IOException e) {
      throw new ImagesException("%s can't be removed.".formatted(staged), e);
    }
    return new ClassArchive(archive);
  }

  /** It in an image whose program is in a folder. */
  ImageFile in(String folder) {
    return new ImageFile(file, folder + "/" + NAME, false);
  }

  /** The flag by which the image's runtime uses it; it does without if it can't. */
  static String flag(String folder) {
    return "-XX:SharedArchiveFile=" + folder + "/" + NAME;
  }
}
