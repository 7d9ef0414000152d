package dev.fareway.node.kubernetes;

import dev.fareway.node.core.PodEvictions;
import dev.fareway.node.core.PodRef;
import java.io.IOException;
import java.util.OptionalLong;

/** Evicts by the pods' {@code eviction} subresource; only ever the pod of that UID. */
public final class EvictionClient implements PodEvictions {
  private final ApiClient client;

  public EvictionClient(ApiClient client) {
    this.client = client;
  }

  @Override
  public Outcome evict(PodRef pod, OptionalLong graceSeconds) {
    byte[] eviction =
        Json.bytes(
            out -> {
              out.writeStartObject();
              out.writeStringField("apiVersion", "policy/v1");
              out.writeStringField("kind", "Eviction");
              out.writeObjectFieldStart("metadata");
              out.writeStringField("namespace", pod.namespace());
              out.writeStringField("name", pod.name());
              out.writeEndObject();
              out.writeObjectFieldStart("deleteOptions");
              if (graceSeconds.isPresent()) {
                out.writeNumberField("gracePeriodSeconds", graceSeconds.getAsLong());
              }
              out.writeObjectFieldStart("preconditions");
              out.writeStringField("uid", pod.uid());
              out.writeEndObject();
              out.writeEndObject();
              out.writeEndObject();
            });
    try {
      client.send(
          "POST",
          "/api/v1/namespaces/%s/pods/%s/eviction"
              .formatted(ApiClient.encoded(pod.namespace()), ApiClient.encoded(pod.name())),
          ApiClient.JSON,
          eviction);
      return new Outcome.Accepted();
    } catch (ApiException e) {
      return switch (e.code()) {
        // A conflict is the precondition: another pod has the name now.
        case ApiException.NOT_FOUND, ApiException.CONFLICT -> new Outcome.Gone();
        case ApiException.TOO_MANY_REQUESTS -> new Outcome.Refused(String.valueOf(e.getMessage()));
        default -> new Outcome.Failed(String.valueOf(e.getMessage()));
      };
    } catch (IOException e) {
      return new Outcome.Failed(String.valueOf(e.getMessage()));
    }
  }
}
