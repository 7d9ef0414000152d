package dev.fareway.node.daemon;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DaemonArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.fareway.node");

  @Test
  void core_knowsNoFrameworkAndNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAPackage("dev.fareway.node.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io..",
            "picocli..",
            "java.io..",
            "java.net..",
            "java.nio..",
            "java.time..",
            "java.util.concurrent..",
            "java.lang.foreign..",
            "dev.fareway.crds..",
            "dev.fareway.protocol..",
            "dev.fareway.node.linux..")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(CLASSES);
  }

  @Test
  void onlyThePackageLinux_makesSystemCalls() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fareway.node.linux..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(CLASSES);
  }

  @Test
  void daemon_knowsNothingOfTheScheduler() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.fareway.scheduler..", "dev.fareway.operator..", "io.quarkus..")
        .check(CLASSES);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("dev.fareway.node.(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
