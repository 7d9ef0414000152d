package dev.fareway.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What is shown is worked out without a cluster; of ours, only the resource types are known. */
class CliArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.fareway.cli");

  @Test
  void views_areWorkedOutWithoutAClusterOrAClock() {
    classes()
        .that()
        .resideInAnyPackage("dev.fareway.cli.view", "dev.fareway.cli.output")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.fareway.cli.view",
            "dev.fareway.cli.output",
            "dev.fareway.crds..",
            "io.fabric8.kubernetes.api.model",
            "com.fasterxml.jackson..",
            "org.jspecify.annotations",
            "java.lang..",
            "java.math",
            "java.time..",
            "java.util..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAnyPackage("dev.fareway.cli.view", "dev.fareway.cli.output")
        .should()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(CLASSES);
  }

  @Test
  void cli_knowsOnlyTheResourceTypesOfOurs() {
    classes()
        .that()
        .resideInAPackage("dev.fareway.cli..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.fareway.cli..",
            "dev.fareway.crds..",
            "io.fabric8..",
            "com.fasterxml.jackson..",
            "picocli..",
            "org.jspecify.annotations",
            "java..")
        .check(CLASSES);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("dev.fareway.cli.(*)").should().beFreeOfCycles().check(CLASSES);
  }
}
