package dev.fareway.e2e.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A page, as far as checks need it: its headings, links, and commands.
 *
 * @param anchors of its headings, as GitHub and others make them
 * @param links where its links and pictures lead
 * @param commands lines of its shell blocks, continued lines joined
 */
record MarkdownPage(Path file, Set<String> anchors, List<String> links, List<String> commands) {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`[^`]*`");
  private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N} _-]");

  static MarkdownPage of(Path file) {
    var anchors = new HashSet<String>();
    var links = new ArrayList<String>();
    var commands = new ArrayList<String>();
    String fence = null;
    var command = new StringBuilder();
    for (String line : Checkout.read(file).lines().toList()) {
      String stripped = line.strip();
      if (stripped.startsWith("```")) {
        fence = fence == null ? stripped.substring(3) : null;
      } else if (fence != null) {
        if (fence.equals("sh")) {
          boolean goesOn = stripped.endsWith("\\");
          command.append(goesOn ? stripped.substring(0, stripped.length() - 1) : stripped);
          if (!goesOn) {
            commands.add(command.toString());
            command.setLength(0);
          }
        }
      } else {
        if (stripped.startsWith("#")) {
          anchors.add(anchor(stripped.replaceFirst("^#+ *", "")));
        }
        LINK.matcher(CODE.matcher(line).replaceAll("``"))
            .results()
            .forEach(link -> links.add(link.group(1)));
      }
    }
    return new MarkdownPage(file, anchors, links, commands);
  }

  private static String anchor(String heading) {
    return NO_WORD
        .matcher(heading.toLowerCase(Locale.ROOT))
        .replaceAll("")
        .strip()
        .replace(' ', '-');
  }
}
