package resguardo.system;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The arrows point one way: roles → infra → core, roles → archive → core. */
class ArchitectureTest {
  private static final String[] ROLES = {
    "resguardo.coordinator..",
    "resguardo.worker..",
    "resguardo.retention..",
    "resguardo.transfer..",
    "resguardo.agent..",
    "resguardo.admin..",
    "resguardo.console.."
  };

  private static JavaClasses production;

  @BeforeAll
  static void readClasses() {
    production =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("resguardo");
  }

  @Test
  void thereAreClassesToLookAt() {
    assertThat(production.stream().map(JavaClass::getPackageName))
        .contains("resguardo.core", "resguardo.core.port", "resguardo.core.protocol");
  }

  @TestFactory
  Stream<DynamicTest> theArrowsPointOneWay() {
    return Stream.<ArchRule>of(
            classes()
                .that()
                .resideInAPackage("resguardo.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                    "resguardo.core..",
                    "java..",
                    "com.fasterxml.jackson..",
                    "org.slf4j..",
                    "org.jspecify..")
                .because("core knows nothing else of Resguardo, and no client library"),
            noClasses()
                .that()
                .resideInAPackage("resguardo.archive..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("resguardo.infra..", "com.rabbitmq..", "io.minio..")
                .because("the archive format knows no broker and no store"),
            noClasses()
                .that()
                .resideInAPackage("resguardo.infra..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROLES)
                .because("infra serves the roles and does not know them"),
            noClasses()
                .that()
                .resideOutsideOfPackages("resguardo.infra.rabbit..", "resguardo.testkit..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.rabbitmq..")
                .because("only infra/rabbit knows RabbitMQ"),
            noClasses()
                .that()
                .resideOutsideOfPackages("resguardo.infra.store..", "resguardo.testkit..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.minio..")
                .because("only infra/store knows S3"),
            noClasses()
                .that()
                .resideInAnyPackage("resguardo.agent..", "resguardo.admin..", "resguardo.console..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("resguardo.infra.store..")
                .because("no node and no operator holds a credential of the store"),
            noClasses()
                .that()
                .resideInAPackage("resguardo.console..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "resguardo.coordinator..",
                    "resguardo.worker..",
                    "resguardo.retention..",
                    "resguardo.agent..")
                .because(
                    "of the roles the console knows the operator's side, and asks as that does"),
            noClasses()
                .that()
                .resideInAPackage("resguardo..")
                .and()
                .resideOutsideOfPackage("resguardo.console..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.eclipse.jetty..")
                .because("only the console knows its server"),
            noClasses()
                .that()
                .resideInAPackage("resguardo..")
                .and()
                .resideOutsideOfPackage("resguardo.infra.runtime..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry..")
                .because("only infra/runtime knows OpenTelemetry"),
            noClasses()
                .that()
                .resideInAPackage("resguardo..")
                .and()
                .resideOutsideOfPackage("resguardo.standalone..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.qpid..")
                .because("only standalone knows the embedded broker"))
        .map(
            rule ->
                DynamicTest.dynamicTest(
                    rule.getDescription(), () -> rule.allowEmptyShould(true).check(production)));
  }
}
