package dev.fareway.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChartTest {
  private static final Path VALUES = Path.of("src/test/resources/values");
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  private static final boolean WRITE = "write".equals(System.getProperty("fareway.golden"));
  private static final String HOW =
      "mvn -pl helm -am test -Dtest=ChartTest -Dfareway.golden=write, and read the difference";

  static List<String> valueSets() throws IOException {
    try (Stream<Path> files = Files.list(VALUES)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void chart_passesHelmsStrictLint() {
    var result = new Helm(Chart.FOLDER).lint().strict().call();

    assertFalse(result.isFailed(), () -> String.join("\n", result.getMessages()));
  }

  /** Written anew with {@code -Dfareway.golden=write}: read the difference before you commit it. */
  @ParameterizedTest
  @MethodSource("valueSets")
  void manifests_areAsRead(String values) throws IOException {
    String now = Chart.template(VALUES.resolve(values), "1.36.0");
    Path golden = GOLDEN.resolve(values);
    if (WRITE) {
      Files.writeString(golden, now);
    }

    assertEquals(Files.readString(golden), now, HOW);
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void manifests_areTheSame_forTheOldestAndTheNewestKubernetes(String values) {
    assertEquals(
        Chart.template(VALUES.resolve(values), Chart.KUBERNETES.getFirst()),
        Chart.template(VALUES.resolve(values), Chart.KUBERNETES.getLast()));
  }

  @ParameterizedTest
  @CsvSource({
    "operator.replicas, 0",
    "operator.replicas, two",
    "operator.shards, 1000",
    "operator.pollDeadline, 5",
    "operator.queueDiscipline, random",
    "operator.replica, 2",
    "nodeDaemon.mode, realtime",
    "nodeDaemon.idleMemory, much",
    "nodeDaemon.cgroupRoot, sys/fs",
    "nodeDaemon.statusPort, 70000",
    "webhook.failurePolicy, Maybe",
    "webhook.timeoutSeconds, 31",
    "priceClasses.Gold.pricePerCpuSecond, 1u",
    "priceClasses.gold.pricePerCpuSecond, -1u",
    "priceClasses.gold.swap, Sometimes",
    "priceClasses.gold.default, true",
    "image.pullPolicy, Sometimes",
    "colour, blue",
  })
  void schema_refuses(String key, String value) {
    var e =
        assertThrows(
            RuntimeException.class, () -> Chart.template(Map.<String, Object>of(key, value)));

    assertTrue(e.getMessage().contains(named(key)), e::getMessage);
  }

  /** Of a price class, its name; of all else, the last step. */
  private static String named(String key) {
    String step = key.startsWith("priceClasses.") ? key.substring("priceClasses.".length()) : key;
    return key.equals(step)
        ? key.substring(key.lastIndexOf('.') + 1)
        : step.substring(0, step.indexOf('.'));
  }

  @Test
  void certManager_withoutAnIssuer_isRefused_namingTheValue() {
    var e =
        assertThrows(
            RuntimeException.class,
            () -> Chart.template(Map.of("certificates.certManager.enabled", "true")));

    assertTrue(e.getMessage().contains("certificates.certManager.issuerName"), e::getMessage);
  }

  @Test
  void operator_hasNoRightsOnTheNode() {
    PodSpec pod = one(Deployment.class).getSpec().getTemplate().getSpec();

    assertTrue(pod.getSecurityContext().getRunAsNonRoot());
    for (Container container : pod.getContainers()) {
      var security = container.getSecurityContext();
      assertFalse(security.getAllowPrivilegeEscalation());
      assertTrue(security.getReadOnlyRootFilesystem());
      assertEquals(List.of("ALL"), security.getCapabilities().getDrop());
      assertTrue(security.getCapabilities().getAdd().isEmpty());
    }
    assertTrue(pod.getVolumes().stream().allMatch(volume -> volume.getHostPath() == null));
  }

  @Test
  void nodeDaemon_listensNowhereButOnLoopback_andIsNotPrivileged() {
    PodSpec pod = one(DaemonSet.class).getSpec().getTemplate().getSpec();

    assertTrue(pod.getHostNetwork() == null || !pod.getHostNetwork());
    Container daemon = pod.getContainers().getFirst();
    assertTrue(daemon.getPorts().isEmpty());
    assertEquals(null, daemon.getSecurityContext().getPrivileged());
    assertEquals(List.of("ALL"), daemon.getSecurityContext().getCapabilities().getDrop());
  }

  @Test
  void roles_nameWhatTheyAllow_andReadNoSecretsClusterWide() {
    for (ClusterRole role : all(ClusterRole.class)) {
      for (PolicyRule rule : role.getRules()) {
        assertFalse(rule.getVerbs().contains("*"), role.getMetadata().getName());
        assertFalse(rule.getResources().contains("*"), role.getMetadata().getName());
        assertFalse(rule.getApiGroups().contains("*"), role.getMetadata().getName());
        assertFalse(rule.getResources().contains("secrets"), role.getMetadata().getName());
      }
    }
  }

  @Test
  void services_arePartOfTheRelease_andNoneIsOpenToTheWorld() {
    for (Service service : all(Service.class)) {
      String type = service.getSpec().getType();
      assertTrue(type == null || type.equals("ClusterIP"), service.getMetadata().getName());
    }
  }

  @Test
  void everyObject_saysWhatItBelongsTo() {
    for (HasMetadata object : Chart.objects(Chart.template(Map.of()))) {
      assertEquals(
          "fareway",
          object.getMetadata().getLabels().get("app.kubernetes.io/part-of"),
          () -> object.getKind() + " " + object.getMetadata().getName());
    }
  }

  /** Helm takes no links without a warning, so that these are copies. */
  @Test
  void definitions_areTheGeneratedOnes() throws IOException {
    Path generated = Path.of("../crds/manifests");
    try (Stream<Path> files = Files.list(generated)) {
      for (Path file : files.toList()) {
        Path copy = Chart.FOLDER.resolve("crds").resolve(file.getFileName());
        if (WRITE) {
          Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        assertEquals(Files.readString(file), Files.readString(copy), HOW);
      }
    }
    try (Stream<Path> copies = Files.list(Chart.FOLDER.resolve("crds"))) {
      assertTrue(copies.allMatch(copy -> Files.exists(generated.resolve(copy.getFileName()))));
    }
  }

  private static <T extends HasMetadata> T one(Class<T> type) {
    List<T> all = all(type);
    assertEquals(1, all.size());
    return all.getFirst();
  }

  private static <T extends HasMetadata> List<T> all(Class<T> type) {
    return Chart.objects(Chart.template(Map.of())).stream()
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }
}
