package dev.fareway.e2e.suite;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A cluster with Fareway on it, and what can be done to it. */
public interface SuiteCluster extends AutoCloseable {
  /** Where the chart is installed. */
  String FAREWAY_NAMESPACE = "fareway-system";

  /** What it is, for messages. */
  String name();

  /** With all rights. */
  KubernetesClient client();

  /** A pod whose one container {@code main} runs a shell script; not created. */
  Pod function(String namespace, String name, String script);

  /** What a shell script prints that is run on a node, with all rights there. */
  String onNode(String node, String script) throws Exception;

  /** Why memory and swap can't be tested here; empty if they can. */
  Optional<String> noSwap();

  /** Installs the chart anew with these values beside its own. */
  void upgrade(Map<String, String> values) throws Exception;

  /** Ends a replica of the operator that places, at once. */
  void failOver() throws Exception;

  /** Ends a node's daemon so that it can't put anything back, and removes the chart. */
  void uninstallAfterACrash() throws Exception;

  /** How long something may take here to come about. */
  Duration patience();

  @Override
  void close();
}
