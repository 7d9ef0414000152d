package dev.fareway.images;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/** Builds images with Jib: the same files give the same bytes. */
final class ImageBuilder {
  /** Where the program is in an image. */
  private static final String APP = "/app";

  static final String OPTIONS = "jvm.options";
  private static final FilePermissions PROGRAM = FilePermissions.fromOctalString("755");
  private static final FilePermissions PLAIN = FilePermissions.fromOctalString("644");
  private static final FilePermissions ANYONES = FilePermissions.fromOctalString("777");

  private final BuildFacts build;
  private final Base base;
  private final List<Layer> below;
  private final ImageFormat format;
  private final Path cache;

  /**
   * A layer.
   *
   * @param name for whoever looks at an image's history
   */
  record Layer(String name, List<ImageFile> files) {
    Layer {
      files = List.copyOf(files);
    }
  }

  /**
   * What was built.
   *
   * @param digest of its manifest
   */
  record Built(String image, Path file, String digest) {}

  /**
   * For images of one kind.
   *
   * @param below layers that every image has below its own
   * @param cache where Jib keeps layers from one build to the next
   */
  ImageBuilder(BuildFacts build, Base base, List<Layer> below, ImageFormat format, Path cache) {
    this.build = build;
    this.base = base;
    this.below = List.copyOf(below);
    this.format = format;
    this.cache = cache;
  }

  /**
   * Builds one.
   *
   * @param folder what goes into it
   * @param classes an archive of its classes for the runtime that is below it; empty: none
   * @param image its full name with its tag
   * @param platform such as {@code linux/amd64}
   * @param archive the file to write
   */
  Built build(
      ImageSpec spec,
      Path folder,
      Optional<ClassArchive> classes,
      String image,
      String platform,
      Path archive) {
    if (!Files.isRegularFile(folder.resolve(spec.jar()))) {
      throw new ImagesException(
          "%s is not there: build the module %s first."
              .formatted(folder.resolve(spec.jar()), spec.module()));
    }
    try {
      JibContainerBuilder builder = from();
      builder.setPlatforms(Set.of(platform(platform)));
      for (Layer layer : below) {
        builder.addFileEntriesLayer(entries(layer));
      }
      if (base instanceof Base.Scratch) {
        builder.addFileEntriesLayer(emptyFolder("/tmp"));
      }
      for (Layer layer : layers(spec, folder)) {
        builder.addFileEntriesLayer(entries(layer));
      }
      if (classes.isPresent()) {
        builder.addFileEntriesLayer(entries(new Layer("classes", List.of(classes.get().in(APP)))));
      }
      builder
          .setFormat(format)
          .setCreationTime(build.time())
          .setUser(spec.user().ids())
          .setWorkingDirectory(AbsoluteUnixPath.get(APP))
          .setEntrypoint(entrypoint(spec, folder, classes.isPresent()))
          .setExposedPorts(
              spec.ports().stream().map(Port::tcp).collect(Collectors.toUnmodifiableSet()))
          .setLabels(
              Map.of(
                  "org.opencontainers.image.title",
                  "fareway/" + spec.name(),
                  "org.opencontainers.image.description",
                  spec.title(),
                  "org.opencontainers.image.version",
                  build.version(),
                  "org.opencontainers.image.licenses",
                  "Apache-2.0"));
      Files.createDirectories(archive.toAbsolutePath().getParent());
      Containerizer to =
          Containerizer.to(TarImage.at(archive).named(image))
              .setBaseImageLayersCache(cache.resolve("base"))
              .setApplicationLayersCache(cache.resolve("layers"))
              .setToolName("fareway")
              .setOfflineMode(!(base instanceof Base.Registry));
      JibContainer container = builder.containerize(to);
      return new Built(image, archive, container.getDigest().toString());
    } catch (InvalidImageReferenceException e) {
      throw new ImagesException("'%s' is no image's name.".formatted(e.getInvalidReference()), e);
    } catch (RegistryException | ExecutionException | CacheDirectoryCreationException e) {
      throw new ImagesException("The image %s can't be built: %s".formatted(image, reason(e)), e);
    } catch (IOException e) {
      throw new ImagesException("%s can't be written: %s".formatted(archive, reason(e)), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImagesException("Interrupted.", e);
    }
  }

  private JibContainerBuilder from() throws InvalidImageReferenceException {
    return switch (base) {
      case Base.Scratch() -> Jib.fromScratch();
      case Base.Archive(Path file) -> Jib.from(TarImage.at(file));
      case Base.Registry(String reference) ->
          Jib.from(
              RegistryImage.named(reference)
                  .addCredentialRetriever(
                      CredentialRetrieverFactory.forImage(
                              com.google.cloud.tools.jib.api.ImageReference.parse(reference),
                              event -> {})
                          .dockerConfig()));
    };
  }

  private List<String> entrypoint(ImageSpec spec, Path folder, boolean hasClasses) {
    var command = new ArrayList<String>();
    command.add(base instanceof Base.Scratch ? JavaRuntime.HOME + "/bin/java" : "java");
    if (Files.isRegularFile(folder.resolve(OPTIONS))) {
      command.add("@" + APP + "/" + OPTIONS);
    }
    if (hasClasses) {
      command.add(ClassArchive.flag(APP));
    }
    command.addAll(List.of("-jar", APP + "/" + spec.jar()));
    return command;
  }

  /** What others made below what we made, for it changes less often. */
  private static List<Layer> layers(ImageSpec spec, Path folder) {
    Map<Boolean, List<ImageFile>> files =
        ImageFile.ofFolder(folder, APP).stream()
            // Trained on this machine's own JDK, which is not the image's; and what an archive is
            // made of.
            .filter(file -> !file.target().endsWith(".aot"))
            .filter(file -> !file.target().equals(APP + "/" + ClassArchive.LIST))
            .collect(
                Collectors.partitioningBy(
                    file -> spec.isLibrary(folder.relativize(file.source()))));
    return List.of(
        new Layer("libraries", files.getOrDefault(true, List.of())),
        new Layer(spec.name(), files.getOrDefault(false, List.of())));
  }

  private FileEntriesLayer entries(Layer layer) {
    FileEntriesLayer.Builder entries = FileEntriesLayer.builder().setName(layer.name());
    Instant time = build.time();
    for (ImageFile file : layer.files()) {
      entries.addEntry(
          file.source(),
          AbsoluteUnixPath.get(file.target()),
          file.isExecutable() ? PROGRAM : PLAIN,
          time);
    }
    return entries.build();
  }

  private FileEntriesLayer emptyFolder(String path) throws IOException {
    return FileEntriesLayer.builder()
        .setName("tmp")
        .addEntry(
            Files.createDirectories(cache.resolve("empty")),
            AbsoluteUnixPath.get(path),
            ANYONES,
            build.time())
        .build();
  }

  private static Platform platform(String text) {
    String[] parts = text.split("/", 2);
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new ImagesException(
          "'%s' is no platform: write one such as linux/amd64.".formatted(text));
    }
    return new Platform(parts[1], parts[0]);
  }

  /** The platform of this machine. */
  static String here() {
    String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return "linux/"
        + switch (architecture) {
          case "x86_64", "amd64" -> "amd64";
          case "aarch64", "arm64" -> "arm64";
          default -> architecture;
        };
  }

  private static String reason(Throwable failure) {
    Throwable at = failure;
    while (at.getCause() != null && at instanceof ExecutionException) {
      at = at.getCause();
    }
    return String.valueOf(at.getMessage());
  }
}
