package dev.fareway.crds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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

  @Test
  void budget_hasDefaults_inItsFactoryAsInItsSchema() {
    assertEquals(
        Serialization.unmarshal("monthlyLimit: \"50\"", BudgetSpec.class),
        BudgetSpec.ofLimit("50"));
  }

  @Test
  void budget_refusesZonesAndPercentagesThatAreNone() {
    // given
    BudgetSpec spec =
        Serialization.unmarshal(
            "monthlyLimit: 50\ntimeZone: Mars/Olympus\nwarnAt: [0]", BudgetSpec.class);

    // then
    var zone = assertThrows(IllegalArgumentException.class, spec::zone);
    assertTrue(zone.toString().contains("spec.timeZone \"Mars/Olympus\""), zone::toString);
    var warnings = assertThrows(IllegalArgumentException.class, spec::warningPercents);
    assertTrue(warnings.toString().contains("spec.warnAt has 0"), warnings::toString);
  }

  @Test
  void nodeUsage_namesFurtherPages() {
    assertEquals("worker-1.2026-11", NodeUsage.nameOf("worker-1", "2026-11", 0));
    assertEquals("worker-1.2026-11.2", NodeUsage.nameOf("worker-1", "2026-11", 2));
    assertEquals("2026-11.shop.2", UsageReport.nameOf("2026-11", "shop", 2));
  }
}
