package dev.fareway.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChartTest {
  private static final Path VALUES = Path.of("src/test/resources/values");

  /** Groups whose types are not Kubernetes' own. */
  private static final List<String> OTHERS =
      List.of("fareway.dev/", "monitoring.coreos.com/", "cert-manager.io/");

  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  static final boolean WRITE = "write".equals(System.getProperty("fareway.golden"));
  static final String HOW =
      "mvn -pl helm -am test -Dtest=ChartTest,ValuesTest -Dfareway.golden=write, and read the difference";

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
    "activator.functions, OpenFaaS",
    "activator.maxWait, long",
    "activator.replicas, 0",
    "nodeDaemon.systemReserve, 91",
    "nodeDaemon.memory.watermarks.low, 91",
    "nodeDaemon.memory.swap, true",
    "namespace.create, maybe",
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

  /**
   * By the Kubernetes project's own types of that release: no field that it does not know, none
   * missing that it wants, no other kind of value.
   */
  @ParameterizedTest
  @MethodSource("valueSets")
  void manifests_areOfKubernetes130(String values) throws Exception {
    List<String> problems = new ArrayList<>();
    int checked = 0;
    for (JsonNode object :
        Chart.documents(Chart.template(VALUES.resolve(values), Chart.KUBERNETES.getFirst()))) {
      if (OTHERS.stream().noneMatch(object.path("apiVersion").asText()::startsWith)) {
        problems.addAll(Kubernetes130.problems(object));
        checked++;
      }
    }
    assertEquals(List.of(), problems);
    assertTrue(checked > 10, () -> "too few were looked at");
  }

  @Test
  void definitions_areOfKubernetes130() throws Exception {
    try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("crds"))) {
      for (Path file : files.toList()) {
        for (JsonNode definition : Chart.documents(Files.readString(file))) {
          assertEquals(List.of(), Kubernetes130.problems(definition), file.toString());
        }
      }
    }
  }

  @Test
  void kubernetes130_findsWhatItDoesNotKnow() throws Exception {
    JsonNode object =
        Chart.documents(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: p}
                spec:
                  hostnameOverride: h
                  containers: [{image: 3, resources: {requests: {cpu: 1}}}]
                """)
            .getFirst();

    assertEquals(
        List.of(
            "Pod.spec.hostnameOverride is not known to Kubernetes 1.30",
            "Pod.spec.containers[0].image is 3 and no String",
            "Pod.spec.containers[0].name is missing"),
        Kubernetes130.problems(object));
  }

  @Test
  void pods_areAllUnderANetworkPolicy() {
    List<HasMetadata> objects =
        Chart.objects(
            Chart.template(
                Map.of("activator.enabled", "true", "activator.tokenKeysSecret", "keys")));
    List<Map<String, String>> selectors =
        objects.stream()
            .filter(NetworkPolicy.class::isInstance)
            .map(object -> ((NetworkPolicy) object).getSpec().getPodSelector().getMatchLabels())
            .toList();
    int pods = 0;
    for (HasMetadata object : objects) {
      Map<String, String> labels =
          switch (object) {
            case Deployment of -> of.getSpec().getTemplate().getMetadata().getLabels();
            case DaemonSet of -> of.getSpec().getTemplate().getMetadata().getLabels();
            case Job of -> of.getSpec().getTemplate().getMetadata().getLabels();
            case Pod of -> of.getMetadata().getLabels();
            default -> null;
          };
      if (labels != null) {
        pods++;
        assertTrue(
            selectors.stream()
                .anyMatch(selector -> labels.entrySet().containsAll(selector.entrySet())),
            () -> object.getKind() + " " + object.getMetadata().getName());
      }
    }
    assertEquals(7, pods);
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

  /** But for what hooks bring. */
  private static <T extends HasMetadata> T one(Class<T> type) {
    List<T> all =
        all(type).stream()
            .filter(
                object ->
                    object.getMetadata().getAnnotations() == null
                        || !object.getMetadata().getAnnotations().containsKey("helm.sh/hook"))
            .toList();
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
