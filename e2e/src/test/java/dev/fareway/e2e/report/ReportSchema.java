package dev.fareway.e2e.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Collectors;

/** Checks a {@code report.json} against its schema. */
public final class ReportSchema {
  private ReportSchema() {}

  /** What is wrong with a report, a line each; empty if nothing is. */
  public static String complaints(String json) throws IOException {
    try (InputStream in = ReportJson.class.getResourceAsStream("report.schema.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(new String(in.readAllBytes(), UTF_8), InputFormat.JSON);
      return schema.validate(json, InputFormat.JSON).stream()
          .map(Object::toString)
          .collect(Collectors.joining("\n"));
    }
  }
}
