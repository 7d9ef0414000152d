package dev.fareway.operator.priceclass;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Objects;
import org.jboss.logging.Logger;

/**
 * Keeps a Kubernetes {@code PriorityClass} beside each price class. It goes when its owner goes.
 */
@ControllerConfiguration(name = "priority-classes")
public class PriorityClassReconciler implements Reconciler<PriceClass> {
  private static final Logger LOG = Logger.getLogger(PriorityClassReconciler.class);
  private static final int CONFLICT = 409;

  private final KubernetesClient client;

  PriorityClassReconciler(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public List<EventSource<?, PriceClass>> prepareEventSources(
      EventSourceContext<PriceClass> context) {
    var config =
        InformerEventSourceConfiguration.from(PriorityClass.class, PriceClass.class)
            .withName("priority-classes")
            .withLabelSelector(Fareway.PRICE_CLASS)
            .build();
    return List.of(new InformerEventSource<>(config, context));
  }

  @Override
  public UpdateControl<PriceClass> reconcile(PriceClass priceClass, Context<PriceClass> context) {
    PriorityClass wanted;
    try {
      wanted = PriorityClasses.of(priceClass);
    } catch (IllegalArgumentException e) {
      // A price that can't be: its condition says so, and what was in force stays.
      return UpdateControl.noUpdate();
    }
    PriorityClass present = context.getSecondaryResource(PriorityClass.class).orElse(null);
    if (present != null && Objects.equals(present.getValue(), wanted.getValue())) {
      return UpdateControl.noUpdate();
    }
    if (present != null) {
      // A value can't be changed. Pods keep the number that they were created with.
      client.resource(present).delete();
    }
    try {
      client.resource(wanted).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT) {
        throw e;
      }
      LOG.warnf(
          "PriorityClass %s is there and was not made by Fareway, so it is left alone; pods of price class %s keep the"
              + " priority that they have. Rename it, and the right one is made.",
          wanted.getMetadata().getName(), priceClass.getMetadata().getName());
    }
    return UpdateControl.noUpdate();
  }
}
