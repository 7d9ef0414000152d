package dev.fareway.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What the images' Java runtime is linked of, against what the packages refer to. */
class JavaRuntimeTest {
  private static final Map<String, String> MODULE_OF = packages();

  static final List<String> IMAGES = ImageSpec.ALL.stream().map(ImageSpec::name).sorted().toList();

  /** Modules that some library refers to and that no image has, and why it does without. */
  private static final Map<String, String> WITHOUT =
      Map.of(
          "java.desktop",
          "java.beans, for annotations and for writing YAML of beans, which nothing here does",
          "java.compiler",
          "Vert.x's generators of code, which run when it is built",
          "jdk.compiler",
          "the same",
          "java.rmi",
          "exceptions of transactions between machines");

  @ParameterizedTest
  @FieldSource("IMAGES")
  void runtime_hasTheModulesOfThePackage(String name) throws IOException {
    ImageSpec spec =
        ImageSpec.ALL.stream().filter(image -> image.name().equals(name)).findFirst().orElseThrow();
    Path folder = spec.packaged(Path.of("..").toAbsolutePath().normalize());
    assumeTrue(
        Files.isRegularFile(folder.resolve(spec.jar())),
        () -> folder.resolve(spec.jar()) + " is not built");

    Set<String> linked = linked();
    Set<String> ours = new TreeSet<>();
    Set<String> theirs = new TreeSet<>();
    for (Path jar : jars(folder)) {
      (jar.getFileName().toString().startsWith("fareway-") ? ours : theirs).addAll(modulesOf(jar));
    }

    assertTrue(ours.contains("java.base"), () -> "read was " + ours);
    ours.removeAll(linked);
    assertEquals(Set.of(), ours, "our own classes refer to them, and the images lack them");
    theirs.removeAll(linked);
    theirs.removeAll(WITHOUT.keySet());
    assertEquals(
        Set.of(), theirs, "libraries refer to them: link them, or say why it works without");
  }

  /** What no class refers to by name, and what would be missed only when it is needed. */
  @Test
  void runtime_hasTheServicesThatAreLookedUp() {
    Set<String> linked = linked();
    for (String module : List.of("jdk.naming.dns", "jdk.zipfs", "jdk.jfr", "jdk.crypto.cryptoki")) {
      assertTrue(linked.contains(module), module);
    }
  }

  /** Archives of classes and all: images are to be the same bytes whenever they are built. */
  @Test
  @Tag("long")
  void runtimeLinkedTwice_isTheSameBytes(@TempDir Path one, @TempDir Path two) throws IOException {
    Path jdk = Path.of(System.getProperty("java.home"));

    Map<String, String> sums = sums(JavaRuntime.link(jdk, one));

    assertTrue(sums.containsKey(JavaRuntime.HOME + "/lib/server/classes.jsa"), sums::toString);
    assertTrue(sums.containsKey(JavaRuntime.HOME + "/lib/server/classes_coh.jsa"), sums::toString);
    assertEquals(sums, sums(JavaRuntime.link(jdk, two)));
  }

  private static Map<String, String> sums(JavaRuntime runtime) {
    return runtime.files().stream()
        .collect(Collectors.toMap(ImageFile::target, file -> Sbom.sha256(file.source())));
  }

  private static Set<String> linked() {
    return Configuration.resolve(
            ModuleFinder.ofSystem(),
            List.of(Configuration.empty()),
            ModuleFinder.of(),
            JavaRuntime.MODULES)
        .modules()
        .stream()
        .map(module -> module.name())
        .collect(Collectors.toSet());
  }

  private static List<Path> jars(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  /** The JDK's modules that the classes of a jar refer to by name. */
  private static Set<String> modulesOf(Path jar) throws IOException {
    var modules = new TreeSet<String>();
    try (var in = new JarInputStream(Files.newInputStream(jar))) {
      for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
        if (!entry.getName().endsWith(".class") || entry.getName().endsWith("-info.class")) {
          continue;
        }
        for (PoolEntry constant : ClassFile.of().parse(in.readAllBytes()).constantPool()) {
          if (constant instanceof ClassEntry used) {
            String name = used.asInternalName();
            String module = MODULE_OF.get(name.substring(0, Math.max(0, name.lastIndexOf('/'))));
            if (module != null) {
              modules.add(module);
            }
          }
        }
      }
    }
    return modules;
  }

  /** Whose each package of the JDK is, by its name with slashes. */
  private static Map<String, String> packages() {
    var modules = new HashMap<String, String>();
    for (ModuleReference module : ModuleFinder.ofSystem().findAll()) {
      for (String inside : module.descriptor().packages()) {
        modules.put(inside.replace('.', '/'), module.descriptor().name());
      }
    }
    return modules;
  }
}
