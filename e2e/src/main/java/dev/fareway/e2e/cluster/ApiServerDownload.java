package dev.fareway.e2e.cluster;

import io.fabric8.kubeapitest.binary.BinaryDownloader;
import io.fabric8.kubeapitest.binary.OSInfo;
import io.fabric8.kubeapitest.binary.repo.BinaryRepo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Downloads a control plane's programs, only where that is possible, and tries once in a virtual
 * machine's life.
 */
final class ApiServerDownload {

  /** The list of releases is small: who can't have it in this time is taken to be offline. */
  private static final Duration LIST_BOUND = Duration.ofSeconds(4);

  private static final Duration DOWNLOAD_BOUND = Duration.ofSeconds(90);

  private static boolean tried;

  private ApiServerDownload() {}

  /** Returns whether they were downloaded into the folder; says nothing if not. */
  static synchronized boolean into(Path folder) {
    if (tried || Boolean.getBoolean("fareway.offline")) {
      return false;
    }
    tried = true;
    OSInfo system = new OSInfo();
    return within(LIST_BOUND, () -> new BinaryRepo(system).listObjectNames().findAny().isPresent())
        && within(
            DOWNLOAD_BOUND,
            () -> new BinaryDownloader(folder.toString(), system).downloadLatest().isDirectory());
  }

  /** The library knows no timeouts, so that it gets a thread that may be left behind. */
  private static boolean within(Duration bound, BooleanSupplier step) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("download of kube-apiserver")
        .start(
            () -> {
              try {
                result.complete(step.getAsBoolean());
              } catch (RuntimeException e) {
                result.complete(false);
              }
            });
    try {
      return result.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
