package dev.fareway.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class OperatorArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.fareway.operator");

  @Test
  void operator_knowsNothingOfTheNodeDaemon() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.fareway.node..")
        .check(CLASSES);
  }

  @Test
  void ranking_isPure() {
    noClasses()
        .that()
        .haveSimpleName("PriceClassRanking")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.quarkus..", "io.javaoperatorsdk..", "io.fabric8.kubernetes.client..", "java.time..")
        .check(CLASSES);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("dev.fareway.operator.(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
