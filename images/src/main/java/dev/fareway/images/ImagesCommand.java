package dev.fareway.images;

import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import dev.fareway.images.ImageBuilder.Built;
import dev.fareway.images.ImageBuilder.Layer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./fareway images}. */
@Command(
    name = "./fareway images",
    header = "Builds the container images, without a container engine.",
    description = {
      "",
      "Writes one archive for each image and platform, a bill of materials (CycloneDX) for each image and for"
          + " everything, the licences of all that is in them, the kubectl plugin as an archive, and SHA256SUMS.",
      "The same packages give the same bytes, whenever and however often it is run.",
      ""
    },
    footer = {
      "",
      "Bases:",
      "  scratch     the Java runtime of this machine's JDK, linked down to what is needed, and the libraries of this"
          + " machine that it needs in turn: no registry, no engine; for this machine's platform (glibc)",
      "  tar:FILE    an image in an archive (docker save), with java on its PATH",
      "  NAME:TAG    an image of a registry, with java on its PATH; for each --platform that it has",
      "",
      "Examples:",
      "  ./fareway images",
      "  ./fareway images --out dist operator node-daemon",
      "  ./fareway images --base eclipse-temurin:25-jre --platform linux/amd64,linux/arm64",
      "  ./fareway images --registry registry.example.com/team",
      "",
      "Then: docker load -i FILE, kind load image-archive FILE, or ctr -n k8s.io images import FILE."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage"})
public final class ImagesCommand implements Callable<Integer> {
  private enum Format {
    docker,
    oci
  }

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where to write. Default: target/images of the checkout.")
  private @Nullable Path out;

  @Option(
      names = "--base",
      paramLabel = "BASE",
      defaultValue = "scratch",
      description = "What to build on, see below. Default: ${DEFAULT-VALUE}.")
  private String base = "scratch";

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      split = ",",
      description = "For which platforms, where the base has them. Default: this machine's.")
  private List<String> platforms = new ArrayList<>();

  @Option(
      names = "--registry",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "What stands before the images' names, as in the chart's image.registry.")
  private String registry = "";

  @Option(
      names = "--tag",
      paramLabel = "TAG",
      description = "The images' tag. Default: the version, which is the chart's default, too.")
  private @Nullable String tag;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "docker",
      description =
          "docker: what docker load takes. oci: an OCI image layout. Default: ${DEFAULT-VALUE}.")
  private Format format = Format.docker;

  @Parameters(
      paramLabel = "IMAGE",
      description = "Which: operator, node-daemon, activator, cli. Default: all.")
  private List<String> names = new ArrayList<>();

  @SuppressWarnings("unused") // picocli acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "This page.")
  private boolean help;

  private final Path home;

  ImagesCommand(Path home) {
    this.home = home;
  }

  /** Runs it. */
  public static void main(String[] arguments) {
    Path home = Path.of(System.getProperty("fareway.home", "")).toAbsolutePath();
    System.exit(commandLine(home).execute(arguments));
  }

  static CommandLine commandLine(Path home) {
    return new CommandLine(new ImagesCommand(home))
        .setUsageHelpWidth(110)
        .setExecutionExceptionHandler(
            (failure, command, _) -> {
              if (failure instanceof ImagesException expected) {
                command.getErr().println("fareway: " + expected.getMessage());
                return 1;
              }
              throw failure;
            });
  }

  @Override
  public Integer call() {
    BuildFacts build = BuildFacts.read();
    List<ImageSpec> specs = specs();
    Base chosen = Base.of(base);
    List<String> wanted = platforms.isEmpty() ? List.of(ImageBuilder.here()) : platforms;
    if (chosen instanceof Base.Scratch && !wanted.equals(List.of(ImageBuilder.here()))) {
      throw new ParameterException(
          spec.commandLine(),
          "From scratch an image is for this machine's platform %s alone: name another --base."
              .formatted(ImageBuilder.here()));
    }
    Path folder = out == null ? home.resolve("target/images") : out;
    Path work = home.resolve("target/images-work");
    try {
      Files.createDirectories(folder);
      Files.createDirectories(work);
    } catch (IOException e) {
      throw new ImagesException("The folder %s can't be made.".formatted(folder), e);
    }

    List<Layer> below = new ArrayList<>();
    @Nullable SystemLibraries libraries = null;
    @Nullable JavaRuntime runtime = null;
    Path jdk = Path.of(System.getProperty("java.home"));
    if (chosen instanceof Base.Scratch) {
      runtime = JavaRuntime.link(jdk, work);
      libraries = SystemLibraries.neededBy(runtime.binaries(), runtime.folder());
      below.add(new Layer("system", libraries.files(work.resolve("etc"))));
      below.add(new Layer("java", runtime.files()));
    }
    var builder =
        new ImageBuilder(
            build,
            chosen,
            below,
            format == Format.oci ? ImageFormat.OCI : ImageFormat.Docker,
            work.resolve("cache"));
    PrintWriter print = spec.commandLine().getOut();
    for (ImageSpec image : specs) {
      Path packaged = image.packaged(home);
      Optional<ClassArchive> classes =
          runtime != null && ClassArchive.isWanted(packaged)
              ? Optional.of(ClassArchive.make(runtime, image, packaged, work, build.time()))
              : Optional.empty();
      for (String platform : wanted) {
        Built built = build(builder, image, classes, build, platform, folder);
        print.printf(
            "%-46s %s%n  %s (%,d KiB)%n",
            built.image(), built.digest(), built.file(), size(built.file()) >> 10);
        print.flush();
      }
      bill(image, jdk, libraries, folder);
    }
    finish(build, folder, specs);
    print.printf("%s%n", folder.resolve("SHA256SUMS"));
    print.flush();
    return 0;
  }

  private List<ImageSpec> specs() {
    for (String name : names) {
      if (ImageSpec.ALL.stream().noneMatch(image -> image.name().equals(name))) {
        throw new ParameterException(
            spec.commandLine(),
            "There is no image '%s': there are %s."
                .formatted(
                    name, String.join(", ", ImageSpec.ALL.stream().map(ImageSpec::name).toList())));
      }
    }
    return ImageSpec.ALL.stream()
        .filter(image -> names.isEmpty() || names.contains(image.name()))
        .toList();
  }

  private Built build(
      ImageBuilder builder,
      ImageSpec image,
      Optional<ClassArchive> classes,
      BuildFacts build,
      String platform,
      Path folder) {
    String prefix = registry.isEmpty() || registry.endsWith("/") ? registry : registry + "/";
    String version = tag == null ? build.version() : tag;
    return builder.build(
        image,
        image.packaged(home),
        classes,
        "%sfareway/%s:%s".formatted(prefix, image.name(), version),
        platform,
        folder.resolve(
            "fareway-%s-%s-%s.tar".formatted(image.name(), version, platform.replace('/', '-'))));
  }

  private void bill(ImageSpec image, Path jdk, @Nullable SystemLibraries libraries, Path folder) {
    Sbom sbom = Sbom.read(home.resolve(image.module()).resolve("target/bom.json"));
    List<String> unnamed =
        sbom.addUnnamed(
            ImageFile.ofFolder(image.packaged(home), "").stream()
                .map(ImageFile::source)
                .filter(
                    file ->
                        file.toString().endsWith(".jar")
                            && image.isLibrary(image.packaged(home).relativize(file)))
                .toList());
    if (!unnamed.isEmpty()) {
      spec.commandLine()
          .getErr()
          .printf(
              "Note: %d libraries of %s are no dependencies that Maven names; their files are in its bill of materials: %s%n",
              unnamed.size(), image.name(), String.join(", ", unnamed));
    }
    if (libraries != null) {
      sbom.addRuntime(JavaRuntime.implementor(jdk), JavaRuntime.version(jdk));
      sbom.addSystemLibraries(libraries);
    }
    sbom.write(folder.resolve("fareway-%s.cdx.json".formatted(image.name())));
  }

  private void finish(BuildFacts build, Path folder, List<ImageSpec> specs) {
    Sbom all = Sbom.read(home.resolve("target/bom.json"));
    all.write(folder.resolve("fareway.cdx.json"));
    try {
      Files.writeString(
          folder.resolve("LICENCES.txt"),
          "Fareway: Apache-2.0\n" + String.join("\n", all.licences()) + "\n");
      if (specs.stream().anyMatch(image -> image.name().equals("cli"))) {
        PluginArchive.write(
            home.resolve("cli/target/kubectl-fareway"),
            folder.resolve("kubectl-fareway-%s.tar.gz".formatted(build.version())),
            build.time());
      }
      var sums = new TreeMap<String, String>();
      try (Stream<Path> files = Files.list(folder)) {
        files
            .filter(Files::isRegularFile)
            .filter(file -> !file.endsWith("SHA256SUMS"))
            .forEach(file -> sums.put(file.getFileName().toString(), Sbom.sha256(file)));
      }
      var text = new StringBuilder();
      sums.forEach((name, sum) -> text.append(sum).append("  ").append(name).append('\n'));
      Files.writeString(folder.resolve("SHA256SUMS"), text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new ImagesException("The folder %s can't be written to.".formatted(folder), e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new ImagesException("%s can't be read.".formatted(file), e);
    }
  }
}
