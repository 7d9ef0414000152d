package dev.fareway.simulator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.fareway.simulator");

  @Test
  void simulation_readsNoClockAndNoRandomSourceOfItsOwn() {
    noClasses()
        .that()
        .resideInAnyPackage("..engine..", "..machine..", "..scheduler..", "..workload..")
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
  void simulator_usesOnlyTheCoresOfTheOtherModules() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.fareway.scheduler.kubernetes..",
            "dev.fareway.node.linux..",
            "dev.fareway.node.kubernetes..",
            "dev.fareway.node.daemon..",
            "dev.fareway.node.dispatcher..",
            "io..")
        .check(CLASSES);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("dev.fareway.simulator.(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
