package dev.fareway.e2e.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of this checkout that the documents speak of. */
final class Checkout {
  /** The folder with the launcher. The tests of a module run in the module's own. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Checkout() {}

  static String read(String path) {
    return read(ROOT.resolve(path));
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All pages that people read. */
  static List<Path> pages() {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
        Stream<Path> chart = Files.walk(ROOT.resolve("helm/fareway"))) {
      return Stream.of(top, docs, chart)
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Main sources below a folder, one text a file. */
  static List<String> sources(String folder) {
    try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .sorted()
          .map(Checkout::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the first group of a pattern finds in main sources below some folders. */
  static SortedSet<String> inSources(String pattern, String... folders) {
    Pattern compiled = Pattern.compile(pattern);
    return Stream.of(folders)
        .flatMap(folder -> sources(folder).stream())
        .flatMap(text -> compiled.matcher(text).results())
        .map(found -> found.group(1))
        .collect(TreeSet::new, TreeSet::add, TreeSet::addAll);
  }

  /** What the first group of a pattern finds in one file. */
  static SortedSet<String> inFile(String pattern, String path) {
    return Pattern.compile(pattern)
        .matcher(read(path))
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(TreeSet::new, TreeSet::add, TreeSet::addAll);
  }
}
