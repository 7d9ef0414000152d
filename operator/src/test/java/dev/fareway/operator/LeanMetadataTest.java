package dev.fareway.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class LeanMetadataTest {
  private static final String WRITTEN =
      """
      {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "managedFields": [
        {"manager": "kubectl", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
         "subresource": "status", "time": "2026-11-25T12:00:00Z", "fieldsV1": {"f:spec": {"f:a": {}}}}]}}
      """;

  @Test
  void objectThatIsRead_saysWhenItWasWritten_andNoMore() {
    var json = new ObjectMapper();
    var serialization = new KubernetesSerialization(json, false);
    new LeanMetadata().customize(json);

    Pod pod = serialization.unmarshal(WRITTEN, Pod.class);

    var entry = pod.getMetadata().getManagedFields().getFirst();
    assertEquals("2026-11-25T12:00:00Z", entry.getTime());
    assertNull(entry.getFieldsV1());
    assertNull(entry.getManager());
    assertEquals("a", pod.getMetadata().getName());
    assertFalse(serialization.asJson(pod).contains("managedFields"), serialization.asJson(pod));
  }
}
