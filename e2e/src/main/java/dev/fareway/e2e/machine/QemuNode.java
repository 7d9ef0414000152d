package dev.fareway.e2e.machine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A Linux node of its own: a distribution's kernel, on a machine that QEMU emulates in software. It
 * runs anywhere and is many times slower than this machine.
 *
 * <p>It has two CPUs, a swap device, loopback and no other network. Its files are those of this
 * machine that it was given, under their own paths, and a small JDK; they are in its memory.
 * Scripts and what they print go over a small disk, the mailbox, since a serial line loses what it
 * can't take at once; only "run it" and "done" go over that.
 */
public final class QemuNode implements LinuxNode {
  private static final Path QEMU = Path.of("/usr/bin/qemu-system-x86_64");
  private static final Path FOLDER = Path.of("/work");
  private static final Duration BOOT_LIMIT = Duration.ofMinutes(5);

  /** Needed to see the disks, in this order. */
  private static final List<String> MODULES =
      List.of(
          "virtio/virtio_ring",
          "virtio/virtio",
          "virtio/virtio_pci_modern_dev",
          "virtio/virtio_pci_legacy_dev",
          "virtio/virtio_pci",
          "block/virtio_blk");

  private static final String JDK_MODULES =
      "java.base,java.logging,java.management,java.naming,java.net.http,jdk.httpserver,jdk.net,jdk.unsupported";
  private static final Pattern LIBRARY = Pattern.compile("(?:=> )?(/\\S+) \\(0x");
  private static final int MEBIBYTE = 1024 * 1024;
  private static final int OUT_AT = MEBIBYTE;
  private static final int ERR_AT = 5 * MEBIBYTE;
  private static final int MAILBOX_MIB = 8;
  private static final int SLOWNESS = 20;

  private final Path host;
  private final GuestKernel kernel;
  private int lastScript;

  private QemuNode(Path host, GuestKernel kernel) {
    this.host = host;
    this.kernel = kernel;
  }

  /**
   * A kernel and its modules.
   *
   * @param image such as {@code /boot/vmlinuz-6.1.0-18-cloud-amd64}
   * @param modules such as {@code /lib/modules/6.1.0-18-cloud-amd64}
   */
  public record Kernel(Path image, Path modules) {
    /**
     * Finds the newest one; empty if there is none.
     *
     * @param root what its package's files are below: {@code /}, or where it was unpacked
     */
    public static Optional<Kernel> below(Path root) throws IOException {
      Path boot = root.resolve("boot");
      if (!Files.isDirectory(boot)) {
        return Optional.empty();
      }
      try (var images = Files.newDirectoryStream(boot, "vmlinuz-*-cloud-amd64")) {
        var found = new ArrayList<Kernel>();
        for (Path image : images) {
          String version = image.getFileName().toString().substring("vmlinuz-".length());
          Path modules = root.resolve("lib/modules").resolve(version);
          if (Files.isDirectory(modules)) {
            found.add(new Kernel(image, modules));
          }
        }
        return found.stream().max(java.util.Comparator.comparing(kernel -> kernel.image));
      }
    }
  }

  /** Why no such node can run here, in words; empty where one can. */
  public static Optional<String> missing() {
    if (!Files.isExecutable(QEMU)) {
      return Optional.of("no %s: install the package qemu-system-x86".formatted(QEMU));
    }
    return InitialRamDisk.missing();
  }

  /**
   * Boots a node.
   *
   * @param files files and folders of this machine that it is to have, with the libraries that
   *     programs among them need
   * @param lifetime after which the node powers itself off, whatever happened to its host
   * @throws IOException if it is not up within five minutes, with the end of its console
   */
  public static QemuNode boot(
      Kernel kernel, List<Path> files, int memoryMiB, int swapMiB, Duration lifetime)
      throws IOException, InterruptedException {
    Path host = Files.createTempDirectory("fareway-qemu").toRealPath();
    GuestKernel guest;
    try {
      Path jdk = smallJdk(host.resolve("jdk"));
      Path ramDisk = host.resolve("initrd.cpio");
      fill(ramDisk, kernel, jdk, files);
      guest =
          GuestKernel.start(
              List.of(
                  QEMU.toString(),
                  "-accel",
                  "tcg,thread=multi",
                  "-cpu",
                  "max",
                  "-smp",
                  "2",
                  "-m",
                  memoryMiB + "M",
                  "-nodefaults",
                  "-display",
                  "none",
                  "-no-reboot",
                  "-kernel",
                  kernel.image().toString(),
                  "-initrd",
                  ramDisk.toString(),
                  "-append",
                  "console=ttyS0 panic=-1 rdinit=/init fareway.work=%s fareway.lifetime=%d"
                      .formatted(FOLDER, lifetime.toSeconds()),
                  "-serial",
                  "file:" + host.resolve("console.log"),
                  "-serial",
                  "stdio",
                  "-drive",
                  "if=virtio,format=raw,file="
                      + UmlNode.emptyImage(host.resolve("swap.img"), swapMiB),
                  "-drive",
                  "if=virtio,format=raw,file="
                      + UmlNode.emptyImage(host.resolve("mailbox.img"), MAILBOX_MIB)));
    } catch (IOException | InterruptedException e) {
      UmlNode.deleteTree(host);
      throw e;
    }
    var node = new QemuNode(host, guest);
    try {
      guest.awaitReady(BOOT_LIMIT);
      return node;
    } catch (IOException e) {
      String console = node.console();
      node.close();
      throw new IOException("%s%n%s".formatted(e.getMessage(), console), e);
    } catch (InterruptedException e) {
      node.close();
      throw e;
    }
  }

  /** A JDK with what is needed here, from the one that this runs in. */
  private static Path smallJdk(Path folder) throws IOException, InterruptedException {
    Process jlink =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/jlink").toString(),
                "--add-modules",
                JDK_MODULES,
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(jlink.getInputStream().readAllBytes(), UTF_8);
    if (!jlink.waitFor(2, TimeUnit.MINUTES) || jlink.exitValue() != 0) {
      throw new IOException("jlink made no JDK: " + said);
    }
    return folder;
  }

  private static void fill(Path ramDisk, Kernel kernel, Path jdk, List<Path> files)
      throws IOException, InterruptedException {
    var all = new ArrayList<>(files);
    all.add(jdk);
    try (var disk = InitialRamDisk.create(ramDisk, UmlNode.resource("qemu-init.sh"))) {
      for (String module : MODULES) {
        Path file = kernel.modules().resolve("kernel/drivers/" + module + ".ko");
        if (!Files.exists(file)) {
          throw new IOException("the kernel's module %s is not there".formatted(file));
        }
        disk.program("modules/" + file.getFileName(), Files.readAllBytes(file));
      }
      for (Path file : all) {
        disk.copy(file);
      }
      for (Path library :
          libraries(List.of(jdk.resolve("lib/server/libjvm.so"), jdk.resolve("bin/java")))) {
        disk.copy(library);
      }
      for (Path file : files) {
        if (Files.isRegularFile(file) && Files.isExecutable(file)) {
          for (Path library : libraries(List.of(file))) {
            disk.copy(library);
          }
        }
      }
    }
  }

  /** The libraries that programs need, by ldd. */
  private static Set<Path> libraries(List<Path> programs) throws IOException, InterruptedException {
    var found = new LinkedHashSet<Path>();
    for (Path program : programs) {
      Process ldd = new ProcessBuilder("ldd", program.toString()).start();
      String said = new String(ldd.getInputStream().readAllBytes(), UTF_8);
      if (!ldd.waitFor(1, TimeUnit.MINUTES)) {
        ldd.destroyForcibly();
      }
      LIBRARY.matcher(said).results().forEach(library -> found.add(Path.of(library.group(1))));
    }
    return found;
  }

  @Override
  public Path folder() {
    return FOLDER;
  }

  @Override
  public String java() {
    return host.resolve("jdk/bin/java").toString();
  }

  @Override
  public int slowness() {
    return SLOWNESS;
  }

  @Override
  public ScriptResult run(String script, Duration limit) throws IOException, InterruptedException {
    byte[] text = script.getBytes(UTF_8);
    if (text.length > OUT_AT) {
      throw new IllegalArgumentException("a script of %d bytes".formatted(text.length));
    }
    int number = ++lastScript;
    try (var mailbox = new RandomAccessFile(host.resolve("mailbox.img").toFile(), "rw")) {
      mailbox.write(text);
      kernel.send("%d %d".formatted(number, text.length));
      String answer = kernel.awaitAnswer(limit);
      String done = "@@DONE %d ".formatted(number);
      if (answer == null || !answer.startsWith(done)) {
        throw new IOException(
            "script %d gave no end within %s (%s):%n%s%nconsole:%n%s"
                .formatted(
                    number,
                    limit,
                    Objects.requireNonNullElse(answer, "no answer"),
                    script,
                    console()));
      }
      String[] words = answer.substring(done.length()).strip().split(" +", -1);
      return new ScriptResult(
          Integer.parseInt(words[0]),
          read(mailbox, OUT_AT, Integer.parseInt(words[1]), ERR_AT - OUT_AT),
          read(mailbox, ERR_AT, Integer.parseInt(words[2]), MAILBOX_MIB * MEBIBYTE - ERR_AT));
    }
  }

  private static String read(RandomAccessFile mailbox, int at, int length, int most)
      throws IOException {
    byte[] bytes = new byte[Math.min(length, most)];
    mailbox.seek(at);
    mailbox.readFully(bytes);
    return new String(bytes, UTF_8);
  }

  @Override
  public void write(String file, String text) throws IOException, InterruptedException {
    run(
            """
            base64 -d > %1$s/write.part <<'END' && mv %1$s/write.part %1$s/%2$s
            %3$s
            END
            """
                .formatted(
                    FOLDER, file, Base64.getMimeEncoder().encodeToString(text.getBytes(UTF_8))),
            Duration.ofMinutes(2))
        .orThrow();
  }

  @Override
  public String read(String file) throws IOException, InterruptedException {
    return run("[ ! -e %1$s/%2$s ] || cat %1$s/%2$s".formatted(FOLDER, file), Duration.ofMinutes(2))
        .orThrow();
  }

  @Override
  public String console() {
    try {
      String log =
          Files.readString(
              host.resolve("console.log"), java.nio.charset.StandardCharsets.ISO_8859_1);
      return log.substring(Math.max(0, log.length() - 20_000));
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    try {
      kernel.end();
    } finally {
      UmlNode.deleteTree(host);
    }
  }
}
