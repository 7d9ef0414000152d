package dev.fareway.e2e.cluster;

import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs of an API server on this machine, where {@code setup-envtest} and kube-api-test keep
 * them: {@code <folder>/k8s/<version>-<os>-<arch>/}.
 *
 * @param folder the folder above {@code k8s}
 * @param version of Kubernetes, such as {@code 1.34.0}
 */
record ApiServerBinaries(Path folder, String version) {

  private static final List<String> PROGRAMS = List.of("etcd", "kube-apiserver");

  /** Where they are looked for: what KUBE_API_TEST_DIR names, else {@code ~/.kubeapitest}. */
  static Path defaultFolder() {
    String folder = System.getenv(KubeAPIServerConfigBuilder.KUBE_API_TEST_DIR);
    return folder == null
        ? Path.of(System.getProperty("user.home"), KubeAPIServerConfigBuilder.DIRECTORY_NAME)
        : Path.of(folder);
  }

  /** The newest complete set in the folder, or the one of the version that the user asked for. */
  static Optional<ApiServerBinaries> find(Path folder) {
    String wanted = System.getenv(KubeAPIServerConfigBuilder.KUBE_API_TEST_API_SERVER_VERSION);
    return all(folder).stream()
        .filter(found -> wanted == null || found.version.equals(wanted))
        .findFirst();
  }

  /** All complete sets in the folder, the newest first. */
  static List<ApiServerBinaries> all(Path folder) {
    String suffix = suffix();
    Path versions = folder.resolve("k8s");
    if (!Files.isDirectory(versions)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(versions)) {
      return folders
          .filter(ApiServerBinaries::isComplete)
          .map(path -> Objects.toString(path.getFileName()))
          .filter(name -> name.endsWith(suffix))
          .map(name -> name.substring(0, name.length() - suffix.length()))
          .filter(version -> version.matches("\\d+(\\.\\d+)*"))
          .sorted(Comparator.comparing(ApiServerBinaries::numbers, Arrays::compare).reversed())
          .map(version -> new ApiServerBinaries(folder, version))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Where one of them is. */
  Path program(String name) {
    return folder.resolve("k8s").resolve(version + suffix()).resolve(name);
  }

  private static String suffix() {
    return "-" + os() + "-" + architecture();
  }

  private static boolean isComplete(Path folder) {
    return PROGRAMS.stream().allMatch(program -> Files.isExecutable(folder.resolve(program)));
  }

  private static int[] numbers(String version) {
    return Stream.of(version.split("\\.", -1)).mapToInt(Integer::parseInt).toArray();
  }

  static String os() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac")
        ? "darwin"
        : "linux";
  }

  static String architecture() {
    return switch (System.getProperty("os.arch")) {
      case "aarch64" -> "arm64";
      default -> "amd64";
    };
  }
}
