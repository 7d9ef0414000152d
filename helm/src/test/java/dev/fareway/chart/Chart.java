package dev.fareway.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The chart, rendered as Helm renders it. */
final class Chart {
  static final Path FOLDER = Path.of("fareway").toAbsolutePath();

  /** The oldest and the newest Kubernetes that the chart is for. */
  static final List<String> KUBERNETES = List.of("1.30.0", "1.36.0");

  private static final YAMLMapper YAML = new YAMLMapper();

  private static final String HOOK = "helm.sh/hook";
  private static final String NO_HOOK = "test.fareway.dev/hook";

  /**
   * A copy whose hooks are objects like all others: the library renders none of them, unlike {@code
   * helm template}.
   */
  private static final Path HOOKS_SHOWN = copy();

  private Chart() {}

  private static Path copy() {
    Path copy = Path.of("target/chart-with-hooks").toAbsolutePath();
    try (Stream<Path> files = Files.walk(FOLDER)) {
      if (Files.exists(copy)) {
        try (Stream<Path> old = Files.walk(copy)) {
          for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(FOLDER.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.writeString(to, Files.readString(file).replace(HOOK, NO_HOOK));
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String shown(String manifests) {
    return manifests.replace(NO_HOOK, HOOK);
  }

  /** All manifests, for these values over the chart's own. */
  static String template(Map<String, Object> values) {
    TemplateCommand command = command("1.36.0");
    values.forEach(command::set);
    return shown(command.call());
  }

  /** All manifests, for the values of a file over the chart's own. */
  static String template(Path values, String kubernetes) {
    return shown(command(kubernetes).withValuesFile(values).call());
  }

  private static TemplateCommand command(String kubernetes) {
    return new Helm(HOOKS_SHOWN)
        .template()
        .withName("fareway")
        .withNamespace("fareway-system")
        .withKubeVersion(kubernetes);
  }

  static List<HasMetadata> objects(String manifests) {
    Object read =
        new KubernetesSerialization()
            .unmarshal(new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)));
    return read instanceof Collection<?> all
        ? all.stream().map(HasMetadata.class::cast).toList()
        : List.of((HasMetadata) read);
  }

  /** As they are written, with whatever types of ours don't know. */
  static List<JsonNode> documents(String manifests) throws IOException {
    try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(manifests)) {
      return all.readAll().stream().filter(JsonNode::isObject).toList();
    }
  }
}
