package dev.fareway.operator.task;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.PrintStream;
import java.util.List;

/** Something that is done once, and says what it did. */
public interface Task {
  /** Done. */
  int DONE = 0;

  /** Not done: what was printed says why. */
  int FAILED = 1;

  /** There is no such task, or its arguments are wrong. */
  int MISUSED = 2;

  /** What {@code --help} prints. */
  String HELP =
      """
      Usage: fareway-operator [TASK [ARGUMENT...]]

      Without a task it is the operator itself, until SIGTERM; its settings are variables
      FAREWAY_... and QUARKUS_... of its environment. A task is done once, for the chart:

        upgrade-definitions   Brings Fareway's resource definitions in the cluster up to this
                              version.
        await-restore NAMESPACE DAEMONSET
                              Waits until the pods of a DaemonSet have put back on every node
                              what node daemons changed.
        check URL [--nodes] [--admission=NAMESPACE]
                              Asks whether an installation works: the operator at URL
                              (http://...) is ready and price classes are ranked; with --nodes,
                              nodes say what they enforce; with --admission, a pod in NAMESPACE
                              would be admitted as a function.
        --help                This page.

      The API server is found by KUBECONFIG, else by the pod's service account.
      Exit status: 0 done, 1 not done, 2 wrong usage.
      """;

  /** Does it; the exit status. */
  int run(KubernetesClient client, PrintStream out) throws InterruptedException;

  /**
   * The task that these arguments name, done with the client that the process' surroundings
   * configure.
   *
   * @return the exit status
   */
  static int run(List<String> arguments) {
    if (List.of("--help", "-h", "help").contains(arguments.getFirst())) {
      System.out.print(HELP);
      return DONE;
    }
    Task task;
    try {
      task = named(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("fareway-operator: " + e.getMessage());
      return MISUSED;
    }
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      return task.run(client, System.out);
    } catch (KubernetesClientException e) {
      System.err.println("The API server does not do it: " + e.getMessage());
      return FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      System.err.println("Interrupted.");
      return FAILED;
    }
  }

  /**
   * The task that these arguments name.
   *
   * @throws IllegalArgumentException naming what is wrong with them, and what there is
   */
  static Task named(List<String> arguments) {
    List<String> rest = arguments.subList(1, arguments.size());
    return switch (arguments.getFirst()) {
      case "upgrade-definitions" -> {
        if (!rest.isEmpty()) {
          throw new IllegalArgumentException("upgrade-definitions takes no argument, got " + rest);
        }
        yield new DefinitionUpgrade();
      }
      case "await-restore" -> {
        if (rest.size() != 2) {
          throw new IllegalArgumentException(
              "await-restore takes a namespace and the name of a DaemonSet, got " + rest);
        }
        yield new RestoreWait(rest.get(0), rest.get(1));
      }
      case "check" -> InstallationCheck.of(rest);
      default ->
          throw new IllegalArgumentException(
              "there is no task '%s': upgrade-definitions, await-restore or check; without arguments it is the operator; --help tells more"
                  .formatted(arguments.getFirst()));
    };
  }
}
