package dev.fareway.e2e.demo;

import java.io.PrintStream;

/**
 * What the demo says while it works: on a terminal one line that changes in place, elsewhere plain
 * lines, few of them.
 */
final class Progress {
  private static final int BAR_WIDTH = 24;
  private static final int LINE_WIDTH = 79;

  /** Elsewhere than on a terminal, a load is told of each time another such part of it is done. */
  private static final int PLAIN_PARTS = 4;

  private final PrintStream out;
  private final boolean terminal;
  private boolean lineOpen;
  private int plainPart;

  Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Says one thing, on a line of its own that stays. */
  synchronized void say(String line) {
    endLine();
    out.println(line);
  }

  /**
   * Says how far a load is.
   *
   * @param label which load
   * @param doneSeconds how much of it has been sent
   * @param allSeconds its length
   * @param detail what else there is to say
   */
  synchronized void load(String label, long doneSeconds, long allSeconds, String detail) {
    long done = Math.min(doneSeconds, allSeconds);
    if (!terminal) {
      int part = (int) (done * PLAIN_PARTS / allSeconds);
      if (part != plainPart) {
        plainPart = part;
        out.println(
            "%s: %d of %d s, %s".formatted(label.stripTrailing(), done, allSeconds, detail));
      }
      return;
    }
    int filled = (int) (done * BAR_WIDTH / allSeconds);
    String bar = "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled);
    String line = "%s [%s] %d/%d s, %s".formatted(label, bar, done, allSeconds, detail);
    out.print("\r" + pad(line));
    out.flush();
    lineOpen = true;
  }

  /** Ends the line that changes in place, and starts the count of plain ones anew. */
  synchronized void endLine() {
    plainPart = 0;
    if (lineOpen) {
      out.println();
      lineOpen = false;
    }
  }

  private static String pad(String line) {
    return line.length() >= LINE_WIDTH
        ? line.substring(0, LINE_WIDTH)
        : line + " ".repeat(LINE_WIDTH - line.length());
  }
}
