package dev.fareway.e2e.uml;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Linux node of its own: a real kernel with cgroup v2 and swap, booted as an ordinary process by
 * User-Mode Linux.
 *
 * <p>It has one CPU, sees the host's files read-only (so the host's JDK and a build run in it as
 * they are), and runs shell scripts one after another. It has loopback and no other network. Not
 * thread-safe.
 *
 * <p>The node's console is the process' standard output; lines that begin with {@code @@} are the
 * init script's answers, the rest is the kernel's log, whose end every failure carries.
 */
public final class UmlNode implements AutoCloseable {
  private static final Path KERNEL = Path.of("/usr/bin/linux.uml");
  private static final List<Path> BUSYBOX =
      List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox"));
  private static final Duration END_LIMIT = Duration.ofSeconds(10);
  private static final int CONSOLE_LINES = 400;
  private static final String CONSOLE_ENDED = "@@ENDED";

  private final Path folder;
  private final Path scripts;
  private final Process kernel;
  private final Writer input;
  private final Thread reader;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Deque<String> console = new ArrayDeque<>();
  private int lastScript;

  private UmlNode(Path folder, Path scripts, Process kernel) {
    this.folder = folder;
    this.scripts = scripts;
    this.kernel = kernel;
    this.input = kernel.outputWriter(StandardCharsets.UTF_8);
    this.reader = Thread.ofPlatform().name("uml-console").daemon().unstarted(this::readConsole);
  }

  /** Why no such node can run here, in words; empty where one can. */
  public static Optional<String> missing() {
    if (!Files.isExecutable(KERNEL)) {
      return Optional.of("no %s: install the package user-mode-linux".formatted(KERNEL));
    }
    if (busybox().isEmpty()) {
      return Optional.of(
          "no static busybox in %s: install the package busybox-static".formatted(BUSYBOX));
    }
    return Optional.empty();
  }

  /**
   * Boots a node.
   *
   * @throws IOException if it is not up within the limit, with the end of its console
   * @throws IllegalStateException if {@link #missing} says why not
   */
  public static UmlNode boot(UmlOptions options) throws IOException, InterruptedException {
    missing()
        .ifPresent(
            reason -> {
              throw new IllegalStateException(reason);
            });
    Path folder = Files.createTempDirectory("fareway-uml").toRealPath();
    var command = new ArrayList<String>();
    Process kernel;
    Path scripts = folder.resolve("scripts");
    try {
      Files.createDirectory(scripts);
      Path ramDisk = folder.resolve("initrd.cpio");
      InitialRamDisk.write(ramDisk, busybox().orElseThrow(), init());
      command.addAll(
          List.of(
              KERNEL.toString(),
              "mem=%dM".formatted(options.memoryMiB()),
              "initrd=" + ramDisk,
              "rdinit=/init",
              "con0=fd:0,fd:1",
              "con=null",
              "umid=fareway-%s".formatted(folder.getFileName()),
              "uml_dir=" + folder,
              "fareway.work=" + scripts,
              "fareway.lifetime=%d".formatted(options.lifetime().toSeconds())));
      if (options.swapMiB() > 0) {
        Path swap = folder.resolve("swap.img");
        try (var image = new RandomAccessFile(swap.toFile(), "rw")) {
          image.setLength(options.swapMiB() * 1024L * 1024L);
        }
        command.add("ubd0=" + swap);
      }
      kernel = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      deleteTree(folder);
      throw e;
    }
    var node = new UmlNode(folder, scripts, kernel);
    node.reader.start();
    try {
      String answer = node.awaitAnswer(options.bootLimit());
      if (!"@@READY".equals(answer)) {
        throw new IOException(
            "the node did not boot within %s: %s%n%s"
                .formatted(
                    options.bootLimit(),
                    Objects.requireNonNullElse(answer, "no answer"),
                    node.console()));
      }
      return node;
    } catch (IOException | InterruptedException e) {
      node.close();
      throw e;
    }
  }

  /** A folder that host and node see under the same path, both to read and write. */
  public Path sharedFolder() {
    return scripts;
  }

  /**
   * Runs a shell script on the node, as its root, and waits for its end.
   *
   * @param script for a POSIX shell; what it starts in the background must not hold its output open
   * @throws IOException if it does not end within the limit or the node died, with the end of the
   *     console
   */
  public UmlResult run(String script, Duration limit) throws IOException, InterruptedException {
    String name = Integer.toString(++lastScript);
    Files.writeString(scripts.resolve(name + ".sh"), script);
    input.write(name + "\n");
    input.flush();
    String answer = awaitAnswer(limit);
    String done = "@@DONE " + name + " ";
    if (answer == null || !answer.startsWith(done)) {
      throw new IOException(
          "script %s gave no end within %s (%s):%n%s%nconsole:%n%s"
              .formatted(
                  name, limit, Objects.requireNonNullElse(answer, "no answer"), script, console()));
    }
    return new UmlResult(
        Integer.parseInt(answer.substring(done.length()).strip()),
        Files.readString(scripts.resolve(name + ".out")),
        Files.readString(scripts.resolve(name + ".err")));
  }

  /** The end of the node's console: the kernel's log. */
  public String console() {
    synchronized (console) {
      return String.join("\n", console);
    }
  }

  /** Powers the node off and deletes what it left on the host. */
  @Override
  public void close() {
    try {
      input.write("quit\n");
      input.flush();
    } catch (IOException ignored) {
      // It is gone already.
    }
    List<ProcessHandle> all = new ArrayList<>(kernel.descendants().toList());
    all.add(kernel.toHandle());
    try {
      if (!kernel.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        all.forEach(ProcessHandle::destroyForcibly);
        kernel.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      }
      reader.join(END_LIMIT);
    } catch (InterruptedException e) {
      all.forEach(ProcessHandle::destroyForcibly);
      Thread.currentThread().interrupt();
    } finally {
      deleteTree(folder);
    }
  }

  private @Nullable String awaitAnswer(Duration limit) throws InterruptedException {
    return answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void readConsole() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(kernel.getInputStream(), StandardCharsets.UTF_8))) {
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

  private static Optional<Path> busybox() {
    return BUSYBOX.stream().filter(Files::isExecutable).findFirst();
  }

  private static byte[] init() throws IOException {
    try (var script = UmlNode.class.getResourceAsStream("init.sh")) {
      return Objects.requireNonNull(script, "init.sh is packed beside this class").readAllBytes();
    }
  }

  private static void deleteTree(Path folder) {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't delete " + folder, e);
    }
  }
}
