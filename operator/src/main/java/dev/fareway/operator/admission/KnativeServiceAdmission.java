package dev.fareway.operator.admission;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.crds.Fareway;
import dev.fareway.operator.admission.Verdict.Change;
import dev.fareway.scheduler.kubernetes.PriceClassChoice;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of a Knative Service: a class on the Service is copied to its template, as nothing
 * else of a Service's metadata reaches its pods. A class on the template goes first.
 */
final class KnativeServiceAdmission {
  private KnativeServiceAdmission() {}

  /** Judges one, as it was sent. */
  static Verdict judge(JsonNode service, PricedCluster cluster) {
    ObjectMeta meta = Metadata.of(service);
    JsonNode template = service.path("spec").path("template");
    ObjectMeta templateMeta = Metadata.of(template);
    boolean onTemplate = Metadata.namesClass(templateMeta);
    if (!onTemplate && !Metadata.namesClass(meta)) {
      return Verdict.untouched();
    }
    var choice =
        PriceClassChoice.of(
            onTemplate ? templateMeta : meta, null, cluster.classes(), cluster.defaultClass());
    return switch (choice) {
      case PriceClassChoice.Unknown unknown -> new Verdict.Refused(unknown.message());
      case PriceClassChoice.Chosen chosen ->
          onTemplate ? kept(meta, chosen.priceClass()) : copied(template, chosen.priceClass());
    };
  }

  private static Verdict kept(ObjectMeta meta, String onTemplate) {
    String onService = meta.getAnnotations().getOrDefault(Fareway.PRICE_CLASS, onTemplate);
    return onService.equals(onTemplate)
        ? Verdict.untouched()
        : new Verdict.Admitted(
            List.of(),
            List.of(
                "metadata.annotations names the price class '%s', spec.template.metadata.annotations '%s': the template's holds."
                    .formatted(onService, onTemplate)));
  }

  private static Verdict copied(JsonNode template, String priceClass) {
    List<Change> changes = new ArrayList<>();
    if (template.isMissingNode()) {
      changes.add(new Change.MakeObject("/spec/template"));
    }
    if (!template.path("metadata").isObject()) {
      changes.add(new Change.MakeObject("/spec/template/metadata"));
    }
    if (!template.path("metadata").path("annotations").isObject()) {
      changes.add(new Change.MakeObject("/spec/template/metadata/annotations"));
    }
    changes.add(
        new Change.SetText(
            "/spec/template/metadata/annotations/" + Metadata.PRICE_CLASS_TOKEN, priceClass));
    return new Verdict.Admitted(changes, List.of());
  }
}
