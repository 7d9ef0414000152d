package dev.fareway.e2e.demo;

import java.util.ArrayList;
import java.util.List;

/** Breaks text into lines. */
final class TextLines {
  private TextLines() {}

  /** Lines of at most the given width, broken between words; a longer word has its own line. */
  static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
