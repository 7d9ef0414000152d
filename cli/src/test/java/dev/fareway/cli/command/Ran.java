package dev.fareway.cli.command;

import dev.fareway.cli.cluster.ClusterReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

/** What a command printed, and its exit code. */
record Ran(int code, String out, String err) {
  static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

  static Ran of(ClusterReader cluster, String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        KubectlFareway.commandLine(
                _ -> cluster,
                Clock.fixed(NOW, ZoneOffset.UTC),
                new PrintWriter(out),
                new PrintWriter(err, true))
            .execute(arguments);
    return new Ran(
        code,
        out.toString().replace(System.lineSeparator(), "\n"),
        err.toString().replace(System.lineSeparator(), "\n"));
  }
}
