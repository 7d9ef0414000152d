package dev.fareway.activator.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of docs/activator.md, which says what test shows each behaviour: each must exist. */
class ConformanceTableTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
  private static final Pattern CLASS = Pattern.compile("[A-Z]\\w*Test");
  private static final Pattern METHOD = Pattern.compile("(?:([A-Z]\\w*Test)\\.)?([a-z]\\w*_\\w+)");
  private static final int FEWEST = 25;

  @Test
  void eachBehaviour_hasATestThatExists() throws IOException {
    Map<String, String> sources = sources();
    var missing = new ArrayList<String>();
    int behaviours = 0;
    for (String row : rows()) {
      behaviours++;
      int named = 0;
      String current = "";
      String cell = row.substring(row.lastIndexOf(" | ") + 3);
      Matcher quoted = QUOTED.matcher(cell);
      while (quoted.find()) {
        String test = quoted.group(1);
        Matcher method = METHOD.matcher(test);
        if (CLASS.matcher(test).matches()) {
          current = test;
          named += exists(sources, test, "", missing);
        } else if (method.matches()) {
          current = method.group(1) == null ? current : method.group(1);
          named += exists(sources, current, method.group(2), missing);
        }
      }
      if (named == 0) {
        missing.add("no test in: " + row);
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(behaviours >= FEWEST, "the table has " + behaviours + " rows");
  }

  private static int exists(
      Map<String, String> sources, String type, String method, List<String> missing) {
    String source = sources.getOrDefault(type, "");
    boolean isThere =
        method.isEmpty() ? !source.isEmpty() : source.contains("void " + method + "(");
    if (!isThere) {
      missing.add(method.isEmpty() ? type : type + "." + method);
    }
    return 1;
  }

  /** The rows of the table of behaviours and tests. */
  private static List<String> rows() throws IOException {
    List<String> lines = Files.readAllLines(ROOT.resolve("docs/activator.md"));
    int start = lines.indexOf("| behaviour | test |");
    assertTrue(start >= 0, "docs/activator.md has no table of behaviours");
    return lines.subList(start + 2, lines.size()).stream()
        .takeWhile(line -> line.startsWith("|"))
        .toList();
  }

  /** All tests of all modules, by the name of their class. */
  private static Map<String, String> sources() throws IOException {
    var sources = new HashMap<String, String>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        Path tests = module.resolve("src/test/java");
        if (Files.isDirectory(tests)) {
          try (Stream<Path> files = Files.walk(tests)) {
            for (Path file : files.filter(each -> each.toString().endsWith("Test.java")).toList()) {
              String name = file.getFileName().toString().replace(".java", "");
              sources.merge(name, Files.readString(file), String::concat);
            }
          }
        }
      }
    }
    return sources;
  }
}
