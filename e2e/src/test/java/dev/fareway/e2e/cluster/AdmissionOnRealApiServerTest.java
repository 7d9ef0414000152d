package dev.fareway.e2e.cluster;

import static dev.fareway.e2e.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** kube-apiserver asks the operator, over TLS with the certificate that the operator made. */
@NullUnmarked
@NeedsRealApiServer
@TestInstance(Lifecycle.PER_CLASS)
final class AdmissionOnRealApiServerTest {
  private static final String CONFIGURATION = "fareway-webhook";
  private LocalCluster cluster;
  private KubernetesClient client;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    Path home = LocalClusterOptions.in(folder).home();
    assumeTrue(
        Files.exists(home.resolve(LocalCluster.OPERATOR)),
        () -> home.resolve(LocalCluster.OPERATOR) + " is not built");
    int port = FreePorts.find(1).getFirst();
    cluster =
        LocalCluster.start(
            LocalClusterOptions.in(folder)
                .withApiServer(ApiServerKind.REAL)
                .withOperatorSettings(
                    Map.of(
                        "FAREWAY_NAMESPACE",
                        "default",
                        "FAREWAY_CERTIFICATES_NAMES",
                        "localhost",
                        "FAREWAY_CERTIFICATES_PERIOD",
                        "PT1S",
                        "FAREWAY_WEBHOOK_PORT",
                        String.valueOf(port),
                        "FAREWAY_WEBHOOK_CONFIGURATION",
                        CONFIGURATION)));
    client = cluster.client();
    priceClass("interactive", "20u");
    priceClass("batch", "2u");
    create(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingWebhookConfiguration
        metadata: {name: %s}
        webhooks:
        - name: pods.fareway.dev
          admissionReviewVersions: [v1]
          sideEffects: None
          failurePolicy: Ignore
          clientConfig: {url: "https://localhost:%d/admit"}
          rules:
          - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
        """
            .formatted(CONFIGURATION, port));
    cluster.startOperator();
    eventually(
        "the API server asks the operator",
        () -> "fareway".equals(dryRun(pod("probe", "batch")).getSpec().getSchedulerName()));
    eventually(
        "each price class has its priority class",
        () ->
            client.scheduling().v1().priorityClasses().withName("fareway-interactive").get() != null
                && client.scheduling().v1().priorityClasses().withName("fareway-batch").get()
                    != null);
  }

  @AfterAll
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void functionPod_isHandedToUs_withAPriorityThatFollowsItsPrice() throws Exception {
    eventually(
        "the operator knows the priority classes",
        () ->
            "fareway-interactive"
                .equals(dryRun(pod("p", "interactive")).getSpec().getPriorityClassName()));
    Pod dear = client.resource(pod("dear", "interactive")).create();
    Pod cheap = client.resource(pod("cheap", "batch")).create();

    assertEquals("fareway", dear.getSpec().getSchedulerName());
    assertEquals("interactive", dear.getMetadata().getLabels().get("fareway.dev/price-class"));
    assertTrue(dear.getSpec().getPriority() > cheap.getSpec().getPriority());
    assertEquals("Never", dear.getSpec().getPreemptionPolicy());
  }

  @Test
  void unknownClass_isRefused_withTheKnownOnes() {
    var e =
        assertThrows(
            KubernetesClientException.class, () -> client.resource(pod("bad", "gold")).create());

    assertTrue(
        e.getMessage()
            .contains("There is no PriceClass 'gold'. Known classes, dearest first: interactive, "),
        e::getMessage);
  }

  @Test
  void otherPods_passAsTheyAre() {
    Pod pod = client.resource(pod("other", null)).create();

    assertEquals("default-scheduler", pod.getSpec().getSchedulerName());
    assertNull(pod.getSpec().getPriorityClassName());
  }

  @Test
  void changedPrice_givesItsClassAnotherPriority() throws Exception {
    priceClass("changing", "3u");
    eventually("its priority is there", () -> priority("changing") != 0);
    int before = priority("changing");

    client
        .resources(PriceClass.class)
        .withName("changing")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"pricePerCpuSecond\":\"5u\"}}");

    eventually("its priority grows", () -> priority("changing") > before);
  }

  @Test
  void certificate_isMadeAnew_whenItsSecretIsGone_andTheApiServerGoesOnAsking() throws Exception {
    X509Certificate before = served();
    client.secrets().inNamespace("default").withName("fareway-certificates").delete();

    cluster.restartOperator();

    assertNotEquals(before, served());
    eventually(
        "the API server trusts the new one",
        () -> "fareway".equals(dryRun(pod("again", "batch")).getSpec().getSchedulerName()));
    eventually("it is told", () -> authorities().equals(trusted()));
  }

  @Test
  void authority_isToldAgain_whenSomebodyTookItOut() throws Exception {
    client
        .resources(MutatingWebhookConfiguration.class)
        .withName(CONFIGURATION)
        .edit(
            now -> {
              now.getWebhooks().getFirst().getClientConfig().setCaBundle(null);
              return now;
            });
    client
        .configMaps()
        .inNamespace("default")
        .withName("fareway-ca")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":null}");

    eventually("whom to trust is published again", () -> !authorities().isEmpty());
    eventually("the API server trusts it", () -> authorities().equals(trusted()));
  }

  /** Whom the ConfigMap says to trust; empty: nobody. */
  private String authorities() {
    Map<String, String> data =
        client.configMaps().inNamespace("default").withName("fareway-ca").get().getData();
    return data == null ? "" : data.getOrDefault("ca.crt", "");
  }

  /** Whom the API server trusts as the webhook; empty: those whom the system trusts. */
  private String trusted() {
    String bundle =
        client
            .resources(MutatingWebhookConfiguration.class)
            .withName(CONFIGURATION)
            .get()
            .getWebhooks()
            .getFirst()
            .getClientConfig()
            .getCaBundle();
    return bundle == null
        ? ""
        : new String(Base64.getDecoder().decode(bundle), StandardCharsets.UTF_8);
  }

  private int priority(String priceClass) {
    var found = client.scheduling().v1().priorityClasses().withName("fareway-" + priceClass).get();
    return found == null ? 0 : found.getValue();
  }

  private X509Certificate served() throws Exception {
    Secret secret = client.secrets().inNamespace("default").withName("fareway-certificates").get();
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(
                    Base64.getDecoder().decode(secret.getData().get("tls.crt"))));
  }

  private Pod dryRun(Pod pod) {
    return client.resource(pod).dryRun().create();
  }

  private void priceClass(String name, String price) {
    create(
        """
        apiVersion: fareway.dev/v1alpha1
        kind: PriceClass
        metadata: {name: %s}
        spec: {pricePerCpuSecond: %s}
        """
            .formatted(name, price));
  }

  private void create(String yaml) {
    HasMetadata object = client.getKubernetesSerialization().unmarshal(yaml);
    client.resource(object).create();
  }

  private static Pod pod(String name, String priceClass) {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace("default")
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("main")
            .withImage("none")
            .endContainer()
            .endSpec();
    return priceClass == null
        ? pod.build()
        : pod.editMetadata()
            .addToAnnotations("fareway.dev/price-class", priceClass)
            .endMetadata()
            .build();
  }
}
