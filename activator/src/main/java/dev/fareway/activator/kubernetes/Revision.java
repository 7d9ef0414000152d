package dev.fareway.activator.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the activator reads of a Knative Revision. */
@Group("serving.knative.dev")
@Version("v1")
@Kind("Revision")
@Plural("revisions")
@JsonIgnoreProperties(ignoreUnknown = true)
public class Revision extends CustomResource<Revision.Spec, Revision.Status> implements Namespaced {
  /** An empty object, to be filled by Jackson. */
  public Revision() {}

  /**
   * Its settings.
   *
   * @param containerConcurrency how many requests a pod takes at once; 0 or null: no limit
   * @param timeoutSeconds how long a request may take
   * @param responseStartTimeoutSeconds how long until its answer starts; null: no limit
   * @param idleTimeoutSeconds how long nothing may be sent; null: no limit
   * @param containers of its pods, without the queue-proxy
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Spec(
      @Nullable Long containerConcurrency,
      @Nullable Long timeoutSeconds,
      @Nullable Long responseStartTimeoutSeconds,
      @Nullable Long idleTimeoutSeconds,
      @Nullable List<Container> containers) {}

  /**
   * A container, as far as the kubelet alone can say when it is ready.
   *
   * @param readinessProbe null: none
   * @param startupProbe null: none
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Container(@Nullable Probe readinessProbe, @Nullable Probe startupProbe) {}

  /**
   * A probe.
   *
   * @param exec the command that it runs; null: it runs none
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Probe(@Nullable Map<String, Object> exec) {}

  /** Nothing of it is read. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Status() {}
}
