package dev.fareway.simulator.trace;

import java.io.IOException;
import java.nio.file.Path;

/** A trace that is not what its layout says; the message names file and line. */
public final class MalformedTraceException extends IOException {
  private static final long serialVersionUID = 1;

  MalformedTraceException(Path file, long line, String what) {
    super("%s line %d: %s".formatted(file, line, what));
  }
}
