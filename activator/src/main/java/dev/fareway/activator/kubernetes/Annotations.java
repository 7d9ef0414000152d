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
    return byAnnotation.isEmpty()
        ? emptyToNull(of(meta.getLabels(), Fareway.PRICE_CLASS))
        : byAnnotation;
  }

  static AcceptClass accept(ObjectMeta meta) {
    return AcceptClass.of(of(meta.getAnnotations(), AcceptClass.ANNOTATION));
  }

  /** The value, or the empty text. */
  static String of(@Nullable Map<String, String> from, String key) {
    return from == null ? "" : from.getOrDefault(key, "");
  }

  private static @Nullable String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
