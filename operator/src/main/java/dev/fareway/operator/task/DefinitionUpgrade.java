package dev.fareway.operator.task;

import dev.fareway.crds.Manifests;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Brings the resource definitions of this release to the API server, which Helm does only once.
 * Objects stay what they are; a definition that would drop a version in which objects are stored is
 * refused.
 */
final class DefinitionUpgrade implements Task {
  private static final int CONFLICT = 409;
  private static final int ATTEMPTS = 5;
  private static final long SERVED_SECONDS = 60;
  private static final long POLL_MILLIS = 100;

  @Override
  public int run(KubernetesClient client, PrintStream out) throws InterruptedException {
    List<CustomResourceDefinition> definitions =
        Manifests.all().stream()
            .map(
                yaml ->
                    client
                        .getKubernetesSerialization()
                        .unmarshal(yaml, CustomResourceDefinition.class))
            .toList();
    for (CustomResourceDefinition definition : definitions) {
      String name = definition.getMetadata().getName();
      Optional<String> refusal = put(client, definition, out);
      if (refusal.isPresent()) {
        out.printf("%s is not upgraded: %s%n", name, refusal.get());
        return FAILED;
      }
    }
    for (CustomResourceDefinition definition : definitions) {
      if (!isServed(client, definition.getMetadata().getName())) {
        out.printf(
            "%s is not served after %d s%n", definition.getMetadata().getName(), SERVED_SECONDS);
        return FAILED;
      }
    }
    return DONE;
  }

  /** Why it can't be; empty when it is done. */
  private static Optional<String> put(
      KubernetesClient client, CustomResourceDefinition wanted, PrintStream out) {
    String name = wanted.getMetadata().getName();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        CustomResourceDefinition before =
            client.resources(CustomResourceDefinition.class).withName(name).get();
        if (before == null) {
          client.resource(wanted).create();
          out.println(name + " is new");
          return Optional.empty();
        }
        Set<String> offered =
            wanted.getSpec().getVersions().stream()
                .map(CustomResourceDefinitionVersion::getName)
                .collect(Collectors.toUnmodifiableSet());
        List<String> stored =
            before.getStatus() == null || before.getStatus().getStoredVersions() == null
                ? List.of()
                : before.getStatus().getStoredVersions();
        if (!offered.containsAll(stored)) {
          return Optional.of(
              "objects are stored in the versions %s, and this release has %s: upgrade to a release that has both first"
                  .formatted(stored, offered));
        }
        // The definition as a whole; labels, annotations and who owns it stay.
        client
            .resource(
                new CustomResourceDefinitionBuilder(before).withSpec(wanted.getSpec()).build())
            .update();
        out.println(name + " is that of this release");
        return Optional.empty();
      } catch (KubernetesClientException e) {
        if (e.getCode() != CONFLICT) {
          throw e;
        }
      }
    }
    return Optional.of("others change it all the time");
  }

  private static boolean isServed(KubernetesClient client, String name)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SERVED_SECONDS);
    while (System.nanoTime() < end) {
      CustomResourceDefinition now =
          client.resources(CustomResourceDefinition.class).withName(name).get();
      if (now != null
          && now.getStatus() != null
          && now.getStatus().getConditions().stream()
              .anyMatch(
                  condition ->
                      condition.getType().equals("Established")
                          && condition.getStatus().equals("True"))) {
        return true;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return false;
  }
}
