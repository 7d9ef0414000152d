package dev.fareway.e2e.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every benchmark can be told. */
final class CommonOptions {
  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there.")
  private @Nullable Path json;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "This page.")
  private boolean help;

  /** Writes the figures to the file that was named, if one was. */
  void write(BenchReport report) throws IOException {
    if (json != null) {
      report.write(json);
    }
  }
}
