package dev.fareway.activator.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class CoreArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.fareway.activator");

  @Test
  void core_knowsNoFrameworkAndNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAPackage("dev.fareway.activator.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io..",
            "jakarta..",
            "java.io..",
            "java.net..",
            "java.nio.file..",
            "java.nio.channels..",
            "java.time..",
            "java.util.concurrent..",
            "dev.fareway.crds..",
            "dev.fareway.protocol..",
            "dev.fareway.activator.proxy..")
        .check(CLASSES);
  }

  @Test
  void core_readsNoClockAndNoRandomSourceOfItsOwn() {
    noClasses()
        .that()
        .resideInAPackage("dev.fareway.activator.core..")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.Random")
        .check(CLASSES);
  }

  @Test
  void packages_haveNoCycles() {
    slices()
        .matching("dev.fareway.activator.(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CLASSES);
  }
}
