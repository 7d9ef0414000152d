package dev.fareway.e2e.cluster;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The chart in the work tree. */
final class Rendered {
  static final Path CHART = Path.of("../helm/fareway").toAbsolutePath().normalize();
  static final String NAMESPACE = "fareway-system";

  private Rendered() {}

  /**
   * All of its manifests, those of hooks as well, which the library leaves out unlike {@code helm
   * template}: their annotations are changed in a copy.
   */
  static String all(Path folder, Map<String, String> values) throws IOException {
    return all(folder, "1.36.0", values);
  }

  /**
   * The same for another version of Kubernetes.
   *
   * @param version such as {@code 1.30.14}
   */
  static String all(Path folder, String version, Map<String, String> values) throws IOException {
    Path copy = copy(folder, content -> content.replace("helm.sh/hook", "test.fareway.dev/hook"));
    TemplateCommand command =
        new Helm(copy)
            .template()
            .withName("fareway")
            .withNamespace(NAMESPACE)
            .withKubeVersion(version);
    values.forEach(command::set);
    return command.call().replace("test.fareway.dev/hook", "helm.sh/hook");
  }

  /**
   * The chart for an API server that does not know which version it is, as one that was built from
   * its source by hand: it asks for none.
   */
  static Path forAnyVersion(Path folder) throws IOException {
    return copy(folder, content -> content.replaceAll("(?m)^kubeVersion: .*$", ""));
  }

  private static Path copy(Path folder, UnaryOperator<String> change) throws IOException {
    Path copy = Files.createTempDirectory(folder, "chart-");
    try (Stream<Path> files = Files.walk(CHART)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(CHART.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.writeString(to, change.apply(Files.readString(file)));
      }
    }
    return copy;
  }
}
