package dev.fareway.crds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Java types read and write the YAML that users see. */
class JsonFormTest {

  @Test
  void priceClass_readsWhatUsersWrite() {
    // given
    String yaml =
        """
        apiVersion: fareway.dev/v1alpha1
        kind: PriceClass
        metadata: {name: interactive}
        spec:
          pricePerCpuSecond: 2u
          default: true
          swap: Never
          cpu: {policy: RealTime}
        """;

    // when
    PriceClass read = Serialization.unmarshal(yaml, PriceClass.class);

    // then
    assertEquals(new Price(2000), read.getSpec().price());
    assertTrue(read.getSpec().isDefault());
    assertEquals(SwapPolicy.NEVER, read.getSpec().swap());
    assertEquals(CpuPolicy.REAL_TIME, read.getSpec().cpu().policy());
  }

  @Test
  void priceClass_writesWhatItRead() {
    // given
    var written = new PriceClass();
    written.getMetadata().setName("batch");
    written.setSpec(PriceClassSpec.ofPrice("500n"));
    written.setStatus(new PriceClassStatus(0, null, 1, 2, 3, 4, List.of()));

    // when
    PriceClass read = Serialization.unmarshal(Serialization.asYaml(written), PriceClass.class);

    // then
    assertEquals(written.getSpec(), read.getSpec());
    assertEquals(written.getStatus(), read.getStatus());
  }

  @Test
  void budget_hasDefaults_whenOnlyTheLimitIsGiven() {
    // given
    String yaml =
        """
        apiVersion: fareway.dev/v1alpha1
        kind: Budget
        metadata: {name: shop, namespace: shop}
        spec: {monthlyLimit: 50}
        """;

    // when
    BudgetSpec spec = Serialization.unmarshal(yaml, Budget.class).getSpec();

    // then
    assertEquals(50_000_000_000L, spec.limit().nanoUnits());
    assertEquals(AheadAction.NONE, spec.ahead());
    assertEquals(ExhaustedAction.THROTTLE, spec.exhausted());
    assertEquals(20, spec.burstPercent());
    assertEquals(new LabelSelector(), spec.selector());
  }
}
