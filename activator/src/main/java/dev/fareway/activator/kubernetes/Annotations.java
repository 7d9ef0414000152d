package dev.fareway.activator.kubernetes;

import dev.fareway.activator.core.AcceptClass;
import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a function's annotations and labels say. */
final class Annotations {
  private Annotations() {}

  /** The class that it names, by annotation, else by label; or null. */
  static @Nullable String priceClass(ObjectMeta meta) {
    String byAnnotation = of(meta.getAnnotations(), Fareway.PRICE_CLASS);
    String named =
        byAnnotation.isEmpty() ? of(meta.getLabels(), Fareway.PRICE_CLASS) : byAnnotation;
    // There are a few classes, and 100,000 functions.
    return named.isEmpty() ? null : named.intern();
  }

  static AcceptClass accept(ObjectMeta meta) {
    return AcceptClass.of(of(meta.getAnnotations(), AcceptClass.ANNOTATION));
  }

  /** The value, or the empty text. */
  static String of(@Nullable Map<String, String> from, String key) {
    return from == null ? "" : from.getOrDefault(key, "");
  }

  /** Them, or none. */
  static Map<String, String> orEmpty(@Nullable Map<String, String> labels) {
    return labels == null ? Map.of() : labels;
  }
}
