package dev.fareway.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Objects;
import java.util.Properties;

/**
 * What the build says of itself.
 *
 * @param version of everything in it
 * @param time what stands as the time of everything, so that two builds are the same bytes
 */
record BuildFacts(String version, Instant time) {
  static BuildFacts read() {
    var properties = new Properties();
    try (InputStream in =
        Objects.requireNonNull(BuildFacts.class.getResourceAsStream("build.properties"))) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new BuildFacts(
        Objects.requireNonNull(properties.getProperty("version")),
        Instant.parse(Objects.requireNonNull(properties.getProperty("timestamp"))));
  }
}
