package dev.fareway.operator;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;

/**
 * Leaves out of every object read from the API server who wrote which of its fields: nobody here
 * asks for it, and on a pod it can be more than all the rest. What stays is when something was
 * written, which the archive goes by. An object that is written back without any of it keeps it,
 * says the API server.
 */
@Singleton
public class LeanMetadata implements KubernetesClientObjectMapperCustomizer {
  @JsonIgnoreProperties(value = "managedFields", allowSetters = true)
  private interface ReadOnlyManagedFields {}

  @JsonIgnoreProperties({
    "apiVersion",
    "fieldsType",
    "fieldsV1",
    "manager",
    "operation",
    "subresource"
  })
  private interface TimeAlone {}

  @Override
  public void customize(ObjectMapper json) {
    json.addMixIn(ObjectMeta.class, ReadOnlyManagedFields.class);
    json.addMixIn(ManagedFieldsEntry.class, TimeAlone.class);
  }
}
