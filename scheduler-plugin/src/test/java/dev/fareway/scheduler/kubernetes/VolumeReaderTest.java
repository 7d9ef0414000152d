package dev.fareway.scheduler.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@NullUnmarked
class VolumeReaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                     | {accessModes: [ReadWriteMany], nfs: {}}  | true",
        "{}                                     | {accessModes: [ReadOnlyMany]}            | true",
        "{}                                     | {accessModes: [ReadWriteOnce]}           | false",
        "{}                                     | {accessModes: [ReadWriteOncePod]}        | false",
        "{}                                     | {}                                       | false",
        "{}                                     | {accessModes: [ReadWriteMany], nodeAffinity: {required: {nodeSelectorTerms: []}}} | false",
        "{topology.kubernetes.io/zone: a}       | {accessModes: [ReadWriteMany]}           | false",
        "{example.com/zone: a}                  | {accessModes: [ReadWriteMany]}           | true",
      })
  void volume_isUsableAnywhere_ifItIsBoundToNoPlace_andShared(
      String labels, String spec, boolean usable) {
    var volume =
        new KubernetesSerialization()
            .unmarshal(
                "kind: PersistentVolume\napiVersion: v1\nmetadata: {name: v, labels: %s}\nspec: %s\n"
                    .formatted(labels, spec),
                PersistentVolume.class);

    assertEquals(usable, VolumeReader.isUsableAnywhere(volume));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{volumeName: v} | {phase: Bound}   | v",
        "{volumeName: v} | {phase: Lost}    | ''",
        "{volumeName: v} | {phase: Pending} | ''",
        "{volumeName: v} | {}               | ''",
        "{}              | {phase: Pending} | ''",
      })
  void claim_hasAVolume_onceItIsBound(String spec, String status, String volume) {
    var claim =
        new KubernetesSerialization()
            .unmarshal(
                "kind: PersistentVolumeClaim\napiVersion: v1\nmetadata: {name: c}\nspec: %s\nstatus: %s\n"
                    .formatted(spec, status),
                PersistentVolumeClaim.class);

    assertEquals(volume, VolumeReader.volumeOf(claim).orElse(""));
  }
}
