package dev.fareway.e2e.machine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The process in which a node's kernel runs, and the line to the node's init script: a command a
 * line in, an answer a line out, which begins with {@code @@}. Other lines are the kernel's log.
 */
final class GuestKernel {
  private static final Duration END_LIMIT = Duration.ofSeconds(10);
  private static final int CONSOLE_LINES = 400;
  private static final String CONSOLE_ENDED = "@@ENDED";

  private final Process process;
  private final Writer input;
  private final Thread reader;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Deque<String> console = new ArrayDeque<>();

  private GuestKernel(Process process) {
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    this.reader = Thread.ofPlatform().name("guest-console").daemon().unstarted(this::readConsole);
  }

  static GuestKernel start(List<String> command) throws IOException {
    var kernel = new GuestKernel(new ProcessBuilder(command).redirectErrorStream(true).start());
    kernel.reader.start();
    return kernel;
  }

  /** Waits until the init script is ready. */
  void awaitReady(Duration limit) throws IOException, InterruptedException {
    String answer = awaitAnswer(limit);
    if (!"@@READY".equals(answer)) {
      throw new IOException(
          "the node did not boot within %s: %s%n%s"
              .formatted(limit, Objects.requireNonNullElse(answer, "no answer"), console()));
    }
  }

  void send(String command) throws IOException {
    input.write(command + "\n");
    input.flush();
  }

  @Nullable String awaitAnswer(Duration limit) throws InterruptedException {
    return answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The last lines that it has printed. */
  String console() {
    synchronized (console) {
      return String.join("\n", console);
    }
  }

  /** Asks the node to end, and ends it if it does not. */
  void end() {
    try {
      send("quit");
    } catch (IOException ignored) {
      // It is gone already.
    }
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    try {
      if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        all.forEach(ProcessHandle::destroyForcibly);
        process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      }
      reader.join(END_LIMIT);
    } catch (InterruptedException e) {
      all.forEach(ProcessHandle::destroyForcibly);
      Thread.currentThread().interrupt();
    }
  }

  private void readConsole() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("@@")) {
          answers.add(line);
        }
        synchronized (console) {
          console.addLast(line);
          if (console.size() > CONSOLE_LINES) {
            console.removeFirst();
          }
        }
      }
    } catch (IOException e) {
      // The kernel's end closes its console, in whichever way.
    }
    answers.add(CONSOLE_ENDED);
  }
}
