package dev.fareway.chart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The metrics that the components export, read from where their code registers them: in the
 * operator by Micrometer's builders, under the names that its Prometheus registry makes of them; in
 * the others as they are written out.
 */
final class ExportedMetrics {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern MICROMETER =
      Pattern.compile(
          "(?i)(gauge|timer|counter)(?:\\.builder)?\\(\\s*\"(fareway\\.[a-z.]+)\"", Pattern.DOTALL);
  private static final Pattern WRITTEN_OUT = Pattern.compile("fareway_[a-z_]+[a-z]");
  private static final Pattern TEXT =
      Pattern.compile("\"\"\".*?\"\"\"|\"(?:[^\"\\\\\\n]|\\\\.)*\"", Pattern.DOTALL);

  private ExportedMetrics() {}

  /** All of them. */
  static Set<String> all() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String component : new String[] {"operator", "node-daemon", "activator"}) {
      try (Stream<Path> files = Files.walk(HOME.resolve(component).resolve("src/main/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          String source = Files.readString(file);
          if (component.equals("operator")) {
            micrometer(source, names);
          } else {
            writtenOut(source, names);
          }
        }
      }
    }
    return names;
  }

  private static void micrometer(String source, Set<String> names) {
    Matcher matcher = MICROMETER.matcher(source);
    while (matcher.find()) {
      String name = matcher.group(2).replace('.', '_');
      switch (matcher.group(1).toLowerCase(java.util.Locale.ROOT)) {
        case "counter" -> names.add(name + "_total");
        case "timer" -> {
          for (String suffix : new String[] {"_count", "_sum", "_max"}) {
            names.add(name + "_seconds" + suffix);
          }
          // Only where it is asked for; the builder's chain says so before it is registered.
          String chain =
              source.substring(matcher.end(), Math.min(source.length(), matcher.end() + 400));
          int end = chain.indexOf(".register(");
          if (end > 0 && chain.substring(0, end).contains("publishPercentileHistogram")) {
            names.add(name + "_seconds_bucket");
          }
        }
        default -> names.add(name);
      }
    }
  }

  private static void writtenOut(String source, Set<String> names) {
    Matcher texts = TEXT.matcher(source);
    while (texts.find()) {
      Matcher matcher = WRITTEN_OUT.matcher(texts.group());
      while (matcher.find()) {
        names.add(matcher.group());
      }
    }
  }
}
