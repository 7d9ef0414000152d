package dev.fareway.images;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * One of the images.
 *
 * @param name the last part of its name, such as {@code operator}
 * @param title in a few words
 * @param module the module that packages it
 * @param folder what goes into it, below the module's {@code target}
 * @param libraries folder in it of what others made, which changes seldom
 * @param jar what is started, in the folder
 * @param user as whom it runs
 * @param ports that it may listen on
 */
record ImageSpec(
    String name,
    String title,
    String module,
    String folder,
    String libraries,
    String jar,
    User user,
    Set<Integer> ports) {

  /** As whom a container runs unless its pod says otherwise. */
  enum User {
    /** Nobody in particular; the number is what the chart's security contexts name. */
    PLAIN("65532:65532"),
    /** The node daemon alone: it sets priorities of others' threads and writes cgroup files. */
    ROOT("0:0");

    private final String ids;

    User(String ids) {
      this.ids = ids;
    }

    String ids() {
      return ids;
    }
  }

  /** All images, in the order in which they are built. */
  static final List<ImageSpec> ALL =
      List.of(
          new ImageSpec(
              "operator",
              "Fareway's operator: hosts the shards, reconciles, accounts",
              "operator",
              "quarkus-app",
              "lib",
              "quarkus-run.jar",
              User.PLAIN,
              Set.of(8080, 9443, 9480)),
          new ImageSpec(
              "node-daemon",
              "Fareway's node daemon: dispatcher, machine scheduler, memory manager, meter",
              "node-daemon",
              "app",
              "lib",
              "fareway-node-daemon.jar",
              User.ROOT,
              Set.of(9482)),
          new ImageSpec(
              "activator",
              "Fareway's activator: invocations in the order of their price",
              "activator",
              "app",
              "lib",
              "fareway-activator.jar",
              User.PLAIN,
              Set.of()),
          new ImageSpec(
              "cli",
              "kubectl fareway: what functions cost, where they run and why",
              "cli",
              "kubectl-fareway/lib",
              "",
              "fareway-cli.jar",
              User.PLAIN,
              Set.of()));

  /** The folder with what goes into it. */
  Path packaged(Path home) {
    return home.resolve(module).resolve("target").resolve(folder);
  }

  /** Whether a file of the folder was made by others. */
  boolean isLibrary(Path inFolder) {
    return libraries.isEmpty()
        ? !inFolder.getFileName().toString().startsWith("fareway-")
        : inFolder.startsWith(libraries);
  }
}
