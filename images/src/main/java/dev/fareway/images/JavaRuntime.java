package dev.fareway.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The part of this machine's JDK that the images need, linked once for all of them.
 *
 * @param folder where it was linked to
 */
record JavaRuntime(Path folder) {
  /** Where it is in an image. */
  static final String HOME = "/opt/java";

  /** What any of the images loads. */
  static final List<String> MODULES =
      List.of(
          "java.base",
          "java.logging",
          "java.management",
          "java.naming",
          "java.net.http",
          "java.security.jgss",
          "java.security.sasl",
          "java.sql",
          "java.xml",
          "jdk.crypto.cryptoki",
          "jdk.httpserver",
          "jdk.jcmd",
          "jdk.jfr",
          "jdk.management",
          "jdk.naming.dns",
          "jdk.net",
          "jdk.unsupported",
          "jdk.zipfs");

  /**
   * For which flags it gets an archive of the JDK's classes (lib/server/classes*.jsa), without
   * which every start parses them anew: for a program's usual ones, and for the long-running ones'.
   * Dumped twice it is the same bytes.
   */
  private static final List<List<String>> ARCHIVES =
      List.of(
          List.of("-XX:+UseSerialGC"), List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"));

  /**
   * Links it, unless it is there from before.
   *
   * @param jdk the JDK to take it from
   * @param work where to
   */
  static JavaRuntime link(Path jdk, Path work) {
    String name =
        "java-%s-%s"
            .formatted(
                version(jdk), Integer.toHexString(31 * MODULES.hashCode() + ARCHIVES.hashCode()));
    Path folder = work.resolve(name);
    if (!Files.isRegularFile(folder.resolve("release"))) {
      Path unfinished = work.resolve(name + ".unfinished");
      try {
        Folders.delete(unfinished);
      } catch (IOException e) {
        throw new ImagesException("The folder %s can't be removed.".formatted(unfinished), e);
      }
      var _ =
          Programs.run(
              List.of(
                  jdk.resolve("bin/jlink").toString(),
                  "--add-modules",
                  String.join(",", MODULES),
                  "--strip-debug",
                  "--no-header-files",
                  "--no-man-pages",
                  "--output",
                  unfinished.toString()));
      for (List<String> flags : ARCHIVES) {
        var dump = new ArrayList<>(List.of(unfinished.resolve("bin/java").toString()));
        dump.addAll(flags);
        dump.add("-Xshare:dump");
        var _ = Programs.run(dump);
      }
      try {
        Files.move(unfinished, folder);
      } catch (IOException e) {
        throw new ImagesException("The Java runtime can't be put to " + folder + ".", e);
      }
    }
    return new JavaRuntime(folder);
  }

  /** What a JDK or a runtime says of itself, such as {@code 25.0.3+9-LTS}. */
  static String version(Path jdk) {
    return release(jdk, "JAVA_RUNTIME_VERSION");
  }

  /** Who made it. */
  static String implementor(Path jdk) {
    return release(jdk, "IMPLEMENTOR");
  }

  private static String release(Path jdk, String key) {
    var release = new Properties();
    try (var in = Files.newBufferedReader(jdk.resolve("release"))) {
      release.load(in);
    } catch (IOException e) {
      throw new ImagesException(jdk + " is no JDK: it has no file named release.", e);
    }
    return release.getProperty(key, "unknown").replace("\"", "");
  }

  /** Its files, as they are in an image. */
  List<ImageFile> files() {
    return ImageFile.ofFolder(folder, HOME);
  }

  /** Its programs and libraries, which need libraries of the system in turn. */
  List<Path> binaries() {
    var binaries = new ArrayList<Path>();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().endsWith(".so") || file.startsWith(folder.resolve("bin")))
          .sorted()
          .forEach(binaries::add);
    } catch (IOException e) {
      throw new ImagesException("The Java runtime in %s can't be read.".formatted(folder), e);
    }
    return binaries;
  }
}
