package dev.fareway.e2e.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Java flags that the operator is meant to be started with, as its images do. */
public final class OperatorFlags {
  private static final String OPTIONS = "operator/target/quarkus-app/jvm.options";
  private static final String CACHE = "operator/target/fareway-operator.aot";

  private OperatorFlags() {}

  /** The flags of {@code jvm.options}, and the ahead-of-time cache where there is one. */
  public static List<String> of(Path home) {
    var flags = new ArrayList<>(withoutCache(home));
    Path cache = cache(home);
    if (Files.exists(cache)) {
      flags.add("-XX:AOTCache=" + cache);
    }
    return flags;
  }

  /** The flags of {@code jvm.options} alone. */
  public static List<String> withoutCache(Path home) {
    return List.of("@" + home.resolve(OPTIONS));
  }

  /** Where {@code ./fareway build} puts the cache. */
  public static Path cache(Path home) {
    return home.resolve(CACHE);
  }
}
