package dev.fareway.node.core;

import java.util.Map;

/**
 * A function pod on this node that has not ended, as the API server tells of it.
 *
 * @param function name of the function that it is an instance of: its Knative Service, else the
 *     Deployment or other controller that made it, else the pod itself
 * @param priceClass the class it runs in
 * @param containerNames names by container id, as far as the kubelet has told
 * @param livenessProbed whether the kubelet probes a container for liveness: such a pod must not be
 *     frozen
 * @param budget what budgets hold it to
 */
public record FunctionPod(
    PodRef ref,
    String function,
    PricedClass priceClass,
    Map<String, String> containerNames,
    boolean livenessProbed,
    BudgetCap budget) {
  /** A pod of which no budget says anything. */
  public FunctionPod(
      PodRef ref,
      String function,
      PricedClass priceClass,
      Map<String, String> containerNames,
      boolean livenessProbed) {
    this(ref, function, priceClass, containerNames, livenessProbed, BudgetCap.NONE);
  }

  public FunctionPod {
    containerNames = Map.copyOf(containerNames);
  }

  /** The pod's UID. */
  public String uid() {
    return ref.uid();
  }

  /** What its class is among the others. */
  public ClassStanding standing() {
    return priceClass.standing();
  }

  /** The same pod in another class. */
  public FunctionPod in(PricedClass other) {
    return new FunctionPod(ref, function, other, containerNames, livenessProbed, budget);
  }

  /** The same pod in the class that its budgets leave it. */
  public FunctionPod capped() {
    return budget
        .priceClass()
        .filter(cap -> cap.standing().rank() < standing().rank())
        .map(this::in)
        .orElse(this);
  }
}
