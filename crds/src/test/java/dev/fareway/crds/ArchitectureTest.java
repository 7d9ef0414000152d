package dev.fareway.crds;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** This module depends on nothing of ours, and on little else. */
class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.fareway");

  @Test
  void types_dependOnNothingElseOfOurs() {
    classes()
        .that()
        .resideInAPackage("dev.fareway..")
        .should()
        .resideInAPackage("dev.fareway.crds..")
        .andShould()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.fareway.crds..",
            "java..",
            "com.fasterxml.jackson.annotation..",
            "io.fabric8.crd.generator.annotation..",
            "io.fabric8.generator.annotation..",
            "io.fabric8.kubernetes.api.model..",
            "io.fabric8.kubernetes.client..",
            "io.fabric8.kubernetes.model..",
            "org.jspecify.annotations..")
        .check(CLASSES);
  }
}
