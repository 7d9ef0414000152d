package dev.fareway.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The system's libraries that a Java runtime needs, and the few files without which a C library
 * does not know who it is.
 *
 * @param byPath where each is looked for, and the file that it is here
 */
record SystemLibraries(Map<String, Path> byPath) {
  /**
   * {@code libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)}, or the loader by its path alone.
   */
  private static final Pattern NEEDED =
      Pattern.compile("^\\s*(?:\\S+ => )?(/\\S+) \\(0x[0-9a-f]+\\)$", Pattern.MULTILINE);

  /** What a C library loads when a name is to be resolved, beside what it is linked with. */
  private static final List<String> RESOLVERS =
      List.of("libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2");

  /** Keeps an ordered copy. */
  SystemLibraries {
    byPath = new TreeMap<>(byPath);
  }

  /**
   * Asks this machine's loader.
   *
   * @param home where the runtime is: what it brings itself is none of the system's
   */
  static SystemLibraries neededBy(List<Path> binaries, Path home) {
    var command = new ArrayList<>(List.of("ldd"));
    binaries.forEach(binary -> command.add(binary.toString()));
    var found = new TreeMap<String, Path>();
    for (String path : parse(Programs.run(command))) {
      Path file = Path.of(path).normalize();
      if (!file.startsWith(home)) {
        found.put(file.toString(), file);
      }
    }
    for (Path library : List.copyOf(found.values())) {
      if (library.getFileName().toString().equals("libc.so.6")) {
        for (String resolver : RESOLVERS) {
          Path beside = library.resolveSibling(resolver);
          if (Files.isReadable(beside)) {
            found.put(beside.toString(), beside);
          }
        }
      }
    }
    if (found.isEmpty()) {
      throw new ImagesException(
          "No library of this system is found by ldd: an image from scratch can be built on Linux with glibc only. Name another --base.");
    }
    return new SystemLibraries(found);
  }

  /** The paths in what {@code ldd} prints; what it does not find is left out. */
  static List<String> parse(String printed) {
    var paths = new ArrayList<String>();
    Matcher matcher = NEEDED.matcher(printed);
    while (matcher.find()) {
      paths.add(matcher.group(1));
    }
    return paths;
  }

  /**
   * The libraries and the files beside them, as they are in an image.
   *
   * @param work where files are written that are made for it
   */
  List<ImageFile> files(Path work) {
    var files = new ArrayList<ImageFile>();
    byPath.forEach((target, source) -> files.add(new ImageFile(source, target, true)));
    files.add(
        made(
            work,
            "passwd",
            """
        root:x:0:0:root:/root:/sbin/nologin
        fareway:x:65532:65532:fareway:/tmp:/sbin/nologin
        """));
    files.add(made(work, "group", "root:x:0:\nfareway:x:65532:\n"));
    files.add(made(work, "nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"));
    Path licence = Path.of("/usr/share/doc/libc6/copyright");
    if (Files.isReadable(licence)) {
      files.add(new ImageFile(licence, licence.toString(), false));
    }
    return files;
  }

  private static ImageFile made(Path work, String name, String content) {
    try {
      Files.createDirectories(work);
      return new ImageFile(
          Files.writeString(work.resolve(name), content, StandardCharsets.UTF_8),
          "/etc/" + name,
          false);
    } catch (IOException e) {
      throw new ImagesException("%s can't be written to %s.".formatted(name, work), e);
    }
  }
}
