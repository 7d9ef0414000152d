package dev.fareway.e2e.docs;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The reference of what can be set of each component, from its sources: picocli's options, and the
 * operator's configuration interface.
 */
final class FlagReference {
  private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern DEFAULT = Pattern.compile("@WithDefault\\(\"(.*)\"\\)");
  private static final Pattern METHOD = Pattern.compile("([\\w<>]+) (\\w+)\\(\\);");
  private static final Pattern GROUP = Pattern.compile("  interface (\\w+) \\{");

  private final StringBuilder out = new StringBuilder();

  private FlagReference() {}

  static String generate() {
    var reference = new FlagReference();
    reference.out.append(
        """
        # Flags and settings

        Generated from the sources; do not edit. To write it anew:
        `mvn -Dquick -pl e2e -am test -Dtest=DocumentsTest -Dsurefire.failIfNoSpecifiedTests=false -Dfareway.docs=write`

        With the chart you set values instead, which `helm/fareway/values.schema.json` describes.

        ## Operator

        Each is a property or an environment variable: `fareway.poll.k` is `FAREWAY_POLL_K`. Durations are as in ISO 8601: `PT10S` is ten seconds.

        | setting | |
        |---|---|
        """);
    reference.settings(
        Checkout.read("operator/src/main/java/dev/fareway/operator/OperatorConfig.java"));
    reference.options(
        "Node daemon", "node-daemon/src/main/java/dev/fareway/node/daemon/Options.java");
    reference.options(
        "Activator", "activator/src/main/java/dev/fareway/activator/main/Options.java");
    return reference.out.toString();
  }

  private void options(String component, String path) {
    out.append("\n## %s\n\n| flag | |\n|---|---|\n".formatted(component));
    String source = Checkout.read(path);
    int at = source.indexOf("@Option(");
    while (at >= 0) {
      int end = closing(source, at + "@Option".length());
      option(source.substring(at, end), source.substring(end + 1).strip());
      at = source.indexOf("@Option(", end);
    }
  }

  private void option(String annotation, String declaration) {
    String name = attribute(annotation, "names").orElseThrow();
    String label =
        declaration.startsWith("boolean")
            ? ""
            : " "
                + attribute(annotation, "paramLabel")
                    .orElse(name.replaceFirst(".*-", "").toUpperCase(Locale.ROOT));
    String standard = attribute(annotation, "defaultValue").orElse("");
    String description =
        attribute(annotation, "description")
            .orElseThrow(() -> new AssertionError(name + " has no description"))
            .replace("${DEFAULT-VALUE}", "`" + standard + "`")
            // picocli formats it.
            .replace("%%", "%");
    row(name + label, description);
  }

  private void row(String name, String description) {
    out.append("| `%s` | %s |\n".formatted(cell(name), cell(description)));
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  /** The text of an attribute, its parts put together. */
  private static Optional<String> attribute(String annotation, String name) {
    Matcher start = Pattern.compile("\\b" + name + "\\s*=\\s*\\{?\\s*(?=\")").matcher(annotation);
    if (!start.find()) {
      return Optional.empty();
    }
    var value = new StringBuilder();
    Matcher text = TEXT.matcher(annotation);
    int at = start.end();
    while (text.find(at) && annotation.substring(at, text.start()).matches("[\\s+]*")) {
      value.append(text.group(1).replace("\\\"", "\""));
      at = text.end();
      if (!annotation.substring(at).stripLeading().startsWith("+")) {
        break;
      }
    }
    return Optional.of(value.toString());
  }

  /** The index of the parenthesis that closes the one at {@code open}, texts left aside. */
  private static int closing(String source, int open) {
    int depth = 0;
    boolean inText = false;
    for (int i = open; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '"' && source.charAt(i - 1) != '\\') {
        inText = !inText;
      } else if (!inText && c == '(') {
        depth++;
      } else if (!inText && c == ')' && --depth == 0) {
        return i;
      }
    }
    throw new AssertionError("an @Option does not end");
  }

  private void settings(String source) {
    String group = "";
    var description = new StringBuilder();
    String standard = "";
    boolean inComment = false;
    for (String line : source.lines().toList()) {
      String stripped = line.strip();
      if (stripped.startsWith("/**")) {
        inComment = true;
        description.setLength(0);
      }
      if (inComment) {
        inComment = !stripped.endsWith("*/");
        description
            .append(' ')
            .append(stripped.replaceFirst("\\*/$", "").replaceFirst("^/?\\*+", "").strip());
        continue;
      }
      Matcher inner = GROUP.matcher(line);
      Matcher withDefault = DEFAULT.matcher(stripped);
      Matcher method = METHOD.matcher(stripped);
      if (inner.find()) {
        group = kebab(inner.group(1)) + ".";
      } else if (line.equals("  }")) {
        group = "";
      } else if (withDefault.matches()) {
        standard = withDefault.group(1);
      } else if (method.matches()) {
        String type = Objects.requireNonNull(method.group(1));
        if (!group.isEmpty() || !source.contains("interface " + type + " {")) {
          row(
              "fareway." + group + kebab(Objects.requireNonNull(method.group(2))),
              plain(description) + (standard.isEmpty() ? "" : " Default: `" + standard + "`."));
        }
        description.setLength(0);
        standard = "";
      }
    }
  }

  private static String plain(StringBuilder javadoc) {
    return javadoc
        .toString()
        .replaceAll("\\{@code ([^}]*)\\}", "`$1`")
        .replaceAll("\\s+", " ")
        .strip();
  }

  private static String kebab(String camel) {
    return camel.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }
}
