package dev.fareway.crds;

import java.util.Map;

/** What a pod is an instance of. */
public final class FunctionName {
  private static final String KNATIVE_SERVICE = "serving.knative.dev/service";
  private static final String TEMPLATE_HASH = "pod-template-hash";

  private FunctionName() {}

  /**
   * The function's name: the pod's Knative service, else its Deployment, else its controller, else
   * the pod itself.
   *
   * <p>A Deployment's ReplicaSet is named after it and a hash of its template, such as {@code
   * web-7d9f8}: the function outlives both.
   *
   * @param pod the pod's name
   * @param labels its labels
   * @param controller name of the object that made it; empty: none
   */
  public static String of(String pod, Map<String, String> labels, String controller) {
    String service = labels.get(KNATIVE_SERVICE);
    if (service != null) {
      return service;
    }
    String owner = controller.isEmpty() ? pod : controller;
    String hash = "-" + labels.getOrDefault(TEMPLATE_HASH, "");
    return hash.length() > 1 && owner.endsWith(hash) && owner.length() > hash.length()
        ? owner.substring(0, owner.length() - hash.length())
        : owner;
  }
}
