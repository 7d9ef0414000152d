package dev.fareway.e2e.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a local cluster is made of.
 *
 * @param home the project's folder, in which the packaged operator and node daemon are
 * @param workFolder for the kubeconfig file and the like; made if missing, and what the cluster
 *     wrote there is removed at its end
 * @param logFolder for the logs of processes and pods; made if missing, and left
 * @param apiServer which API server
 * @param tls whether the mock has TLS, as a real one always has
 * @param shards of the global scheduler, at least 1
 * @param operatorSettings environment variables of the operator, over those that the cluster sets
 * @param operatorJvm flags of the operator's Java
 */
public record LocalClusterOptions(
    Path home,
    Path workFolder,
    Path logFolder,
    ApiServerKind apiServer,
    boolean tls,
    int shards,
    Map<String, String> operatorSettings,
    List<String> operatorJvm) {

  private static final int DEFAULT_SHARDS = 4;

  /** Makes paths absolute, checks ranges. */
  public LocalClusterOptions {
    home = home.toAbsolutePath();
    workFolder = workFolder.toAbsolutePath();
    logFolder = logFolder.toAbsolutePath();
    operatorSettings = Map.copyOf(operatorSettings);
    operatorJvm = List.copyOf(operatorJvm);
    if (shards < 1) {
      throw new IllegalArgumentException("shards must be at least 1, but got " + shards);
    }
  }

  /** The usual cluster in a folder: AUTO, four shards, logs in {@code logs} below the folder. */
  public static LocalClusterOptions in(Path folder) {
    return new LocalClusterOptions(
        defaultHome(),
        folder,
        folder.resolve("logs"),
        ApiServerKind.AUTO,
        false,
        DEFAULT_SHARDS,
        Map.of(),
        OperatorFlags.of(defaultHome()));
  }

  /** The same with another API server. */
  public LocalClusterOptions withApiServer(ApiServerKind kind) {
    return new LocalClusterOptions(
        home, workFolder, logFolder, kind, tls, shards, operatorSettings, operatorJvm);
  }

  /** The same with TLS even where the API server is the mock; for no node daemon. */
  public LocalClusterOptions withTls() {
    return new LocalClusterOptions(
        home, workFolder, logFolder, apiServer, true, shards, operatorSettings, operatorJvm);
  }

  /** The same with another project's folder. */
  public LocalClusterOptions withHome(Path folder) {
    return new LocalClusterOptions(
        folder, workFolder, logFolder, apiServer, tls, shards, operatorSettings, operatorJvm);
  }

  /** The same with its logs elsewhere. */
  public LocalClusterOptions withLogFolder(Path folder) {
    return new LocalClusterOptions(
        home, workFolder, folder, apiServer, tls, shards, operatorSettings, operatorJvm);
  }

  /** The same with another number of shards. */
  public LocalClusterOptions withShards(int number) {
    return new LocalClusterOptions(
        home, workFolder, logFolder, apiServer, tls, number, operatorSettings, operatorJvm);
  }

  /** The same with these settings of the operator, as environment variables. */
  public LocalClusterOptions withOperatorSettings(Map<String, String> settings) {
    return new LocalClusterOptions(
        home, workFolder, logFolder, apiServer, tls, shards, settings, operatorJvm);
  }

  /** The same with these flags of the operator's Java, in place of those it is meant to have. */
  public LocalClusterOptions withOperatorJvm(List<String> flags) {
    return new LocalClusterOptions(
        home, workFolder, logFolder, apiServer, tls, shards, operatorSettings, flags);
  }

  /** What the system property fareway.home says, else the folder with the launcher. */
  private static Path defaultHome() {
    String home = System.getProperty("fareway.home");
    if (home != null) {
      return Path.of(home);
    }
    Path here = Path.of("").toAbsolutePath();
    Path above = here.getParent();
    return above != null
            && Files.exists(above.resolve("fareway"))
            && !Files.exists(here.resolve("fareway"))
        ? above
        : here;
  }
}
