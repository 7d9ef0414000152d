package dev.fareway.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.images.ImageSpec.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
  private static final Instant TIME = Instant.parse("2026-11-23T00:00:00Z");
  private static final String OPTIONS = "-XX:+UseSerialGC";
  private static final ImageSpec SPEC =
      new ImageSpec("toy", "A toy", "toy", "app", "lib", "toy.jar", User.PLAIN, Set.of());

  /** A program that has an archive made of it. */
  public static final class Toy {
    private Toy() {}

    /** Says that it runs. */
    public static void main(String[] arguments) {
      System.out.println("runs");
    }
  }

  @Test
  void programWithoutAList_getsNone(@TempDir Path folder) throws IOException {
    assertFalse(ClassArchive.isWanted(folder));
    Files.writeString(folder.resolve(ClassArchive.LIST), "java/lang/Object");
    assertTrue(ClassArchive.isWanted(folder));
  }

  /**
   * Made twice in folders of their own, as in two checkouts, and used in a third, as in an image.
   */
  @Test
  @Tag("long")
  void archive_isTheSameBytes_andIsUsedInAnotherFolder(@TempDir Path folder) throws IOException {
    Path jdk = Path.of(System.getProperty("java.home"));
    Path packaged = Files.createDirectories(folder.resolve("packaged"));
    pack(packaged);

    JavaRuntime one = JavaRuntime.link(jdk, Files.createDirectories(folder.resolve("one")));
    JavaRuntime two =
        JavaRuntime.link(jdk, Files.createDirectories(folder.resolve("elsewhere/two")));
    Path first = ClassArchive.make(one, SPEC, packaged, folder.resolve("one"), TIME).file();
    Path second =
        ClassArchive.make(two, SPEC, packaged, folder.resolve("elsewhere/two"), TIME).file();

    assertEquals(Sbom.sha256(first), Sbom.sha256(second));
    Path image = Files.createDirectories(folder.resolve("image"));
    pack(image);
    for (ImageFile file : ImageFile.ofFolder(image, "")) {
      var _ = Files.setLastModifiedTime(file.source(), FileTime.from(TIME));
    }
    String said =
        Programs.run(
            List.of(
                two.folder().resolve("bin/java").toString(),
                OPTIONS,
                "-XX:SharedArchiveFile=" + first,
                "-Xlog:class+load",
                "-jar",
                image.resolve("toy.jar").toString()));
    assertTrue(said.contains("runs"), said);
    assertTrue(
        said.lines()
            .anyMatch(
                line -> line.contains(Toy.class.getName()) && line.contains("shared objects")),
        said);
  }

  private static void pack(Path folder) throws IOException {
    String inside = Toy.class.getName().replace('.', '/');
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Toy.class.getName());
    try (var jar = new JarOutputStream(Files.newOutputStream(folder.resolve("toy.jar")), manifest);
        var bytes = Toy.class.getResourceAsStream("ClassArchiveTest$Toy.class")) {
      var entry = new JarEntry(inside + ".class");
      entry.setTime(0);
      jar.putNextEntry(entry);
      jar.write(Objects.requireNonNull(bytes).readAllBytes());
      jar.closeEntry();
    }
    Files.writeString(folder.resolve("jvm.options"), OPTIONS + "\n");
    Files.writeString(
        folder.resolve(ClassArchive.LIST), "java/lang/Object\njava/lang/String\n" + inside + "\n");
  }
}
