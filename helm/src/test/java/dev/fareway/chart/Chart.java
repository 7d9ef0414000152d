package dev.fareway.chart;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The chart, rendered as Helm renders it. */
final class Chart {
  static final Path FOLDER = Path.of("fareway").toAbsolutePath();

  /** The oldest and the newest Kubernetes that the chart is for. */
  static final List<String> KUBERNETES = List.of("1.30.0", "1.36.0");

  private Chart() {}

  /** All manifests, for these values over the chart's own. */
  static String template(Map<String, Object> values) {
    TemplateCommand command = command("1.36.0");
    values.forEach(command::set);
    return command.call();
  }

  /** All manifests, for the values of a file over the chart's own. */
  static String template(Path values, String kubernetes) {
    return command(kubernetes).withValuesFile(values).call();
  }

  private static TemplateCommand command(String kubernetes) {
    return new Helm(FOLDER)
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
}
