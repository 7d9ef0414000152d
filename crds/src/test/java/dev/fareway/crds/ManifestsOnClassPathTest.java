package dev.fareway.crds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The definitions are packaged with the types. */
class ManifestsOnClassPathTest {

  @Test
  void manifests_defineEachType() {
    // when
    List<String> names =
        Manifests.all().stream()
            .map(yaml -> Serialization.unmarshal(yaml, CustomResourceDefinition.class))
            .map(definition -> definition.getMetadata().getName())
            .toList();

    // then
    assertEquals(
        List.of(
            HasMetadata.getFullResourceName(PriceClass.class),
            HasMetadata.getFullResourceName(Budget.class),
            HasMetadata.getFullResourceName(NodeUsage.class),
            HasMetadata.getFullResourceName(UsageReport.class)),
        names);
  }
}
