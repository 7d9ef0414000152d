package dev.fareway.activator.kubernetes;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Understands what Knative's ConfigMap {@code config-network} says. */
public final class NetworkSettings {
  /** The ConfigMap's name. */
  public static final String NAME = "config-network";

  private static final String KEY = "system-internal-tls";

  /** The key of Knative 1.9 to 1.11, which later ones don't read. */
  private static final String OLD_KEY = "dataplane-trust";

  /** As Go reads a truth. */
  private static final Set<String> TRUE = Set.of("1", "t", "true");

  private NetworkSettings() {}

  /**
   * Whether Knative's parts speak TLS to each other.
   *
   * @throws IllegalArgumentException naming key, value and remedy, if that can't be told
   */
  public static boolean wantsTls(Map<String, String> data) {
    String value = data.getOrDefault(KEY, "");
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "enabled" -> true;
      case "", "disabled" ->
          TRUE.contains(data.getOrDefault("internal-encryption", "").toLowerCase(Locale.ROOT))
              || (value.isEmpty() && isOn(data.getOrDefault(OLD_KEY, "")));
      default ->
          throw new IllegalArgumentException(
              "%s says %s: %s; write enabled or disabled".formatted(NAME, KEY, value));
    };
  }

  private static boolean isOn(String dataplaneTrust) {
    return !dataplaneTrust.isEmpty() && !dataplaneTrust.equalsIgnoreCase("disabled");
  }
}
