package dev.fareway.node.core;

/** Port: tells a pod's owner what was done to the pod, as a Kubernetes Event. */
public interface PodEvents {
  /** How much attention an event asks for. */
  enum Type {
    NORMAL,
    WARNING
  }

  /**
   * Records an event, without waiting: it is written in the background, the same one again soon
   * after is only counted, and when too many wait the new one is dropped (and counted in a metric).
   *
   * @param reason one word in CamelCase for machines, at most 128 characters, such as {@code
   *     SwappedOut}
   * @param message a sentence for people, at most 1024 characters
   */
  void record(PodRef pod, Type type, String reason, String message);
}
