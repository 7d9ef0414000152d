package dev.fareway.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import dev.fareway.images.ImageBuilder.Built;
import dev.fareway.images.ImageBuilder.Layer;
import dev.fareway.images.ImageSpec.User;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageBuilderTest {
  private static final BuildFacts BUILD =
      new BuildFacts("1.2.3", Instant.parse("2026-11-23T00:00:00Z"));
  private static final ImageSpec SPEC =
      new ImageSpec("toy", "A toy", "toy", "app", "lib", "toy.jar", User.PLAIN, Set.of(8080));

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  private Path folder;

  private Optional<ClassArchive> classes = Optional.empty();

  @BeforeEach
  void makePackage() throws IOException {
    Files.createDirectories(folder.resolve("app/lib"));
    Files.writeString(folder.resolve("app/toy.jar"), "ours");
    Files.writeString(folder.resolve("app/lib/other.jar"), "theirs");
    Files.writeString(folder.resolve("app/jvm.options"), "-Xmx1m");
    Files.writeString(folder.resolve("app/toy.aot"), "for another JDK");
    Files.writeString(folder.resolve("app/classes.list"), "Toy");
    Files.createDirectories(folder.resolve("java/bin"));
    Files.writeString(folder.resolve("java/bin/java"), "#!/bin/sh");
    var _ =
        Files.setPosixFilePermissions(
            folder.resolve("java/bin/java"), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Built build(String into, Base base, ImageFormat format) {
    return new ImageBuilder(
            BUILD,
            base,
            base instanceof Base.Scratch
                ? List.of(
                    new Layer("java", ImageFile.ofFolder(folder.resolve("java"), JavaRuntime.HOME)))
                : List.of(),
            format,
            folder.resolve(into + "-cache"))
        .build(
            SPEC,
            folder.resolve("app"),
            classes,
            "fareway/toy:1.2.3",
            "linux/amd64",
            folder.resolve(into + ".tar"));
  }

  private static Map<String, byte[]> entries(byte[] archive) throws IOException {
    var entries = new HashMap<String, byte[]>();
    try (var in = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    return entries;
  }

  private static byte[] unzipped(byte[] bytes) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    }
  }

  private record Image(JsonNode config, Map<String, byte[]> files, Map<String, byte[]> archive) {
    static Image read(Path file) throws IOException {
      Map<String, byte[]> archive = entries(Files.readAllBytes(file));
      var json = new ObjectMapper();
      JsonNode manifest = json.readTree(archive.get("manifest.json")).get(0);
      var files = new HashMap<String, byte[]>();
      for (JsonNode layer : manifest.path("Layers")) {
        files.putAll(entries(unzipped(Objects.requireNonNull(archive.get(layer.asText())))));
      }
      return new Image(
          json.readTree(archive.get(manifest.path("Config").asText())), files, archive);
    }
  }

  @ParameterizedTest
  @EnumSource(ImageFormat.class)
  void twoBuilds_areTheSameBytes(ImageFormat format) throws IOException {
    Built one = build("one", new Base.Scratch(), format);
    // What does not matter: when files were written.
    var _ = Files.setLastModifiedTime(folder.resolve("app/toy.jar"), FileTime.fromMillis(1));
    Built two = build("two", new Base.Scratch(), format);

    assertEquals(one.digest(), two.digest());
    assertArrayEquals(Files.readAllBytes(one.file()), Files.readAllBytes(two.file()));
  }

  @Test
  void otherFiles_areAnotherImage() throws IOException {
    Built one = build("one", new Base.Scratch(), ImageFormat.Docker);
    Files.writeString(folder.resolve("app/toy.jar"), "ours, changed");

    assertFalse(one.digest().equals(build("two", new Base.Scratch(), ImageFormat.Docker).digest()));
  }

  @Test
  void imageFromScratch_runsItsOwnJavaAsNobody() throws IOException {
    Image image = Image.read(build("one", new Base.Scratch(), ImageFormat.Docker).file());

    JsonNode config = image.config().path("config");
    assertEquals("65532:65532", config.path("User").asText());
    assertEquals(
        "[\"/opt/java/bin/java\",\"@/app/jvm.options\",\"-jar\",\"/app/toy.jar\"]",
        config.path("Entrypoint").toString());
    assertEquals("amd64", image.config().path("architecture").asText());
    assertEquals("2026-11-23T00:00:00Z", image.config().path("created").asText());
    assertEquals(
        "ours",
        new String(
            Objects.requireNonNull(image.files().get("app/toy.jar")), StandardCharsets.UTF_8));
    assertTrue(image.files().containsKey("app/lib/other.jar"));
    assertTrue(image.files().containsKey("tmp/"));
    assertFalse(image.files().containsKey("app/toy.aot"), "a cache of another JDK");
    assertFalse(image.files().containsKey("app/classes.list"), "what an archive is made of");
  }

  @Test
  void imageWithAnArchiveOfClasses_startsWithIt() throws IOException {
    classes =
        Optional.of(new ClassArchive(Files.writeString(folder.resolve("toy.jsa"), "classes")));

    Image image = Image.read(build("one", new Base.Scratch(), ImageFormat.Docker).file());

    assertEquals(
        "[\"/opt/java/bin/java\",\"@/app/jvm.options\",\"-XX:SharedArchiveFile=/app/classes.jsa\",\"-jar\",\"/app/toy.jar\"]",
        image.config().path("config").path("Entrypoint").toString());
    assertEquals(
        "classes",
        new String(
            Objects.requireNonNull(image.files().get("app/classes.jsa")), StandardCharsets.UTF_8));
  }

  @Test
  void programs_stayExecutable() throws IOException {
    Path file = build("one", new Base.Scratch(), ImageFormat.Docker).file();
    Image image = Image.read(file);
    boolean seen = false;
    for (byte[] layer : image.archive().values()) {
      if (layer.length < 2 || layer[0] != 0x1f) {
        continue;
      }
      try (var in = new TarArchiveInputStream(new ByteArrayInputStream(unzipped(layer)))) {
        for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
          if (entry.getName().equals("opt/java/bin/java")) {
            seen = true;
            assertEquals(0755, entry.getMode() & 0777);
          } else if (entry.getName().endsWith(".jar")) {
            assertEquals(0644, entry.getMode() & 0777);
          }
          assertEquals(0, entry.getLongUserId());
        }
      }
    }
    assertTrue(seen);
  }

  @Test
  void imageOnAnArchive_keepsWhatTheBaseHas() throws IOException {
    Path base = build("base", new Base.Scratch(), ImageFormat.Docker).file();

    Image image = Image.read(build("on", new Base.Archive(base), ImageFormat.Docker).file());

    assertTrue(image.files().containsKey("opt/java/bin/java"), "of the base");
    assertEquals("java", image.config().path("config").path("Entrypoint").path(0).asText());
  }

  @Test
  void missingPackage_saysWhatToBuild() {
    var builder =
        new ImageBuilder(
            BUILD, new Base.Scratch(), List.of(), ImageFormat.Docker, folder.resolve("cache"));

    ImagesException failure =
        assertThrows(
            ImagesException.class,
            () ->
                builder.build(
                    SPEC,
                    folder.resolve("none"),
                    Optional.empty(),
                    "a/b:1",
                    "linux/amd64",
                    folder.resolve("x")));
    assertTrue(String.valueOf(failure.getMessage()).contains("build the module toy first"));
  }

  @Test
  void base_isReadAsTheUserWritesIt() {
    assertEquals(new Base.Scratch(), Base.of("scratch"));
    assertEquals(new Base.Registry("a/b:1"), Base.of("a/b:1"));
    assertThrows(ImagesException.class, () -> Base.of("tar:" + folder.resolve("none")));
  }

  @Test
  void pluginArchive_isTheSameBytesTwice() throws IOException {
    PluginArchive.write(folder.resolve("app"), folder.resolve("a.tar.gz"), BUILD.time());
    var _ = Files.setLastModifiedTime(folder.resolve("app/toy.jar"), FileTime.fromMillis(1));
    PluginArchive.write(folder.resolve("app"), folder.resolve("b.tar.gz"), BUILD.time());

    assertArrayEquals(
        Files.readAllBytes(folder.resolve("a.tar.gz")),
        Files.readAllBytes(folder.resolve("b.tar.gz")));
    assertTrue(
        entries(unzipped(Files.readAllBytes(folder.resolve("a.tar.gz"))))
            .containsKey("kubectl-fareway/lib/other.jar"));
  }
}
