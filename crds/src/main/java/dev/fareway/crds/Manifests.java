package dev.fareway.crds;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The custom resource definitions of Fareway as YAML, for whoever installs them from code. */
public final class Manifests {

  private static final String FOLDER = "/META-INF/fareway/crds/";

  private Manifests() {}

  /** The definition of {@link PriceClass}. */
  public static String priceClass() {
    return read("priceclasses." + Fareway.GROUP + ".yaml");
  }

  /** The definition of {@link Budget}. */
  public static String budget() {
    return read("budgets." + Fareway.GROUP + ".yaml");
  }

  /** The definition of {@link NodeUsage}. */
  public static String nodeUsage() {
    return read("nodeusages." + Fareway.GROUP + ".yaml");
  }

  /** The definition of {@link UsageReport}. */
  public static String usageReport() {
    return read("usagereports." + Fareway.GROUP + ".yaml");
  }

  /** All definitions, one YAML document each. */
  public static List<String> all() {
    return List.of(priceClass(), budget(), nodeUsage(), usageReport());
  }

  private static String read(String file) {
    try (InputStream in = Manifests.class.getResourceAsStream(FOLDER + file)) {
      if (in == null) {
        throw new IllegalStateException(FOLDER + file + " is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
