package dev.fareway.e2e.machine;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A Linux node of its own: a real kernel with cgroup v2 and swap, booted as an ordinary process by
 * User-Mode Linux.
 *
 * <p>It has one CPU, sees the host's files read-only (so the host's JDK and a build run in it as
 * they are). It has loopback and no other network.
 *
 * <p>The node's console is the process' standard output, whose end every failure carries.
 */
public final class UmlNode implements LinuxNode {
  private static final Path KERNEL = Path.of("/usr/bin/linux.uml");

  private final Path folder;
  private final Path scripts;
  private final GuestKernel kernel;
  private int lastScript;

  private UmlNode(Path folder, Path scripts, GuestKernel kernel) {
    this.folder = folder;
    this.scripts = scripts;
    this.kernel = kernel;
  }

  /** Why no such node can run here, in words; empty where one can. */
  public static Optional<String> missing() {
    if (!Files.isExecutable(KERNEL)) {
      return Optional.of("no %s: install the package user-mode-linux".formatted(KERNEL));
    }
    return InitialRamDisk.missing();
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
    GuestKernel kernel;
    Path scripts = folder.resolve("scripts");
    try {
      Files.createDirectory(scripts);
      kernel = GuestKernel.start(command(options, folder, scripts));
    } catch (IOException e) {
      deleteTree(folder);
      throw e;
    }
    var node = new UmlNode(folder, scripts, kernel);
    try {
      kernel.awaitReady(options.bootLimit());
      return node;
    } catch (IOException | InterruptedException e) {
      node.close();
      throw e;
    }
  }

  private static List<String> command(UmlOptions options, Path folder, Path scripts)
      throws IOException {
    Path ramDisk = folder.resolve("initrd.cpio");
    try (var disk = InitialRamDisk.create(ramDisk, resource("uml-init.sh"))) {
      for (String empty : List.of("proc", "sys", "dev", "mnt")) {
        disk.folder(empty);
      }
    }
    var command =
        new ArrayList<>(
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
      command.add("ubd0=" + emptyImage(folder.resolve("swap.img"), options.swapMiB()));
    }
    return command;
  }

  static Path emptyImage(Path file, int mebibytes) throws IOException {
    try (var image = new RandomAccessFile(file.toFile(), "rw")) {
      image.setLength(mebibytes * 1024L * 1024L);
    }
    return file;
  }

  static byte[] resource(String name) throws IOException {
    try (var script = UmlNode.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(script, name).readAllBytes();
    }
  }

  /** A folder that host and node see under the same path, both to read and write. */
  @Override
  public Path folder() {
    return scripts;
  }

  /** The host's, which is the one that this runs in. */
  @Override
  public String java() {
    return System.getProperty("java.home") + "/bin/java";
  }

  @Override
  public int slowness() {
    return 1;
  }

  @Override
  public void write(String file, String text) throws IOException {
    Path part = Files.writeString(scripts.resolve("write.part"), text);
    Files.move(part, scripts.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public String read(String file) throws IOException {
    try {
      return Files.readString(scripts.resolve(file));
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  @Override
  public ScriptResult run(String script, Duration limit) throws IOException, InterruptedException {
    String name = Integer.toString(++lastScript);
    Files.writeString(scripts.resolve(name + ".sh"), script);
    kernel.send(name);
    String answer = kernel.awaitAnswer(limit);
    String done = "@@DONE " + name + " ";
    if (answer == null || !answer.startsWith(done)) {
      throw new IOException(
          "script %s gave no end within %s (%s):%n%s%nconsole:%n%s"
              .formatted(
                  name, limit, Objects.requireNonNullElse(answer, "no answer"), script, console()));
    }
    var result =
        new ScriptResult(
            Integer.parseInt(answer.substring(done.length()).strip()),
            Files.readString(scripts.resolve(name + ".out")),
            Files.readString(scripts.resolve(name + ".err")));
    for (String ending : List.of(".sh", ".out", ".err")) {
      Files.delete(scripts.resolve(name + ending));
    }
    return result;
  }

  @Override
  public String console() {
    return kernel.console();
  }

  @Override
  public void close() {
    try {
      kernel.end();
    } finally {
      deleteTree(folder);
    }
  }

  static void deleteTree(Path folder) {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't delete " + folder, e);
    }
  }
}
