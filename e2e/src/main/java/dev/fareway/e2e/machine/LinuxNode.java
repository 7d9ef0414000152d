package dev.fareway.e2e.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A Linux node with a kernel of its own, for tests and benchmarks. It runs shell scripts one after
 * another as its root. Not thread-safe.
 */
public interface LinuxNode extends AutoCloseable {
  /** A folder of the node's, to read and write, by its path there. */
  Path folder();

  /** The node's {@code java} program. */
  String java();

  /**
   * Runs a shell script and waits for its end.
   *
   * @param script for a POSIX shell; what it starts in the background must not hold its output open
   * @throws IOException if it does not end within the limit or the node died, with the end of the
   *     console
   */
  ScriptResult run(String script, Duration limit) throws IOException, InterruptedException;

  /** Writes a file of the node's folder, replaced as a whole: nobody reads half of it. */
  void write(String file, String text) throws IOException, InterruptedException;

  /** Reads a file of the node's folder; empty if it is not there. */
  String read(String file) throws IOException, InterruptedException;

  /** How many times slower than this machine a program runs there, 1 or more. */
  int slowness();

  /** The end of the node's console: the kernel's log. */
  String console();

  /** Powers the node off and deletes what it left on the host. */
  @Override
  void close();
}
