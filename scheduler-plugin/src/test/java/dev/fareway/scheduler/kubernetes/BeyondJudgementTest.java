package dev.fareway.scheduler.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class BeyondJudgementTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{resourceClaims: [{name: gpu}]} | resource claims (spec.resourceClaims)",
        "{topologySpreadConstraints: [{whenUnsatisfiable: DoNotSchedule}]}"
            + "| required topology spread (spec.topologySpreadConstraints)",
        "{affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone}]}}}"
            + "| required affinity between pods (spec.affinity.podAffinity)",
        "{affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone}]}}}"
            + "| required anti-affinity between pods (spec.affinity.podAntiAffinity)",
        "{volumes: [{name: data, ephemeral: {}}]} | the volume data, which is made for the pod",
        "{volumes: [{name: data, persistentVolumeClaim: {claimName: disk}}]}"
            + "| the volume claim disk, which may be bound to some nodes only",
      })
  void demand_isNamed(String spec, String demand) {
    assertEquals(List.of(demand), BeyondJudgement.demands(pod(spec), _ -> false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{containers: []}",
        "{volumes: [{name: tmp, emptyDir: {}}, {name: s, secret: {secretName: s}}]}",
        "{volumes: [{name: data, persistentVolumeClaim: {claimName: anywhere}}]}",
        "{topologySpreadConstraints: [{whenUnsatisfiable: ScheduleAnyway}]}",
        "{affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 100}]}}}",
        "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}}",
      })
  void wishesAndOurOwnConstraints_areNoDemands(String spec) {
    assertEquals(List.of(), BeyondJudgement.demands(pod(spec), "anywhere"::equals));
  }

  private static Pod pod(String spec) {
    return new KubernetesSerialization()
        .unmarshal(
            "kind: Pod\napiVersion: v1\nmetadata: {name: p}\nspec: %s\n".formatted(spec),
            Pod.class);
  }
}
