package dev.fareway.crds.manifests;

import dev.fareway.crds.Budget;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.UsageReport;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDGenerator.CRDOutput;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Turns the Java types into custom resource definitions as YAML. */
final class ManifestGenerator {

  static final List<Class<? extends CustomResource<?, ?>>> TYPES =
      List.of(PriceClass.class, Budget.class, NodeUsage.class, UsageReport.class);

  private static final String HEADER =
      """
      # Generated from the Java types in crds/src/main/java; do not edit. To write it anew:
      #   mvn -Dquick -pl crds test -Dtest=ManifestsTest -Dfareway.manifests=write
      """;

  private ManifestGenerator() {}

  /** The manifests by file name. */
  static SortedMap<String, String> generate() {
    var output = new InMemory();
    new CRDGenerator()
        .customResourceClasses(List.copyOf(TYPES))
        .forCRDVersions("v1")
        .withParallelGenerationEnabled(false)
        // Without quotes the condition status True would be read as a boolean.
        .withMinQuotes(false)
        .withPostProcessor(new Refinement(TYPES))
        .withOutput(output)
        .detailedGenerate();
    var manifests = new TreeMap<String, String>();
    output.files.forEach(
        (name, bytes) -> manifests.put(fileName(name), HEADER + withoutHeader(bytes)));
    return manifests;
  }

  private static String fileName(String generated) {
    return generated.replaceFirst("-v1$", "") + ".yaml";
  }

  private static String withoutHeader(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).replaceFirst("(?m)\\A(#.*\n|---\n)*", "");
  }

  private static final class InMemory implements CRDOutput<ByteArrayOutputStream> {

    private final Map<String, ByteArrayOutputStream> files = new TreeMap<>();

    @Override
    public ByteArrayOutputStream outputFor(String name) {
      var file = new ByteArrayOutputStream();
      files.put(name, file);
      return file;
    }

    @Override
    public void close() {}
  }
}
