package dev.fareway.activator.core;

/**
 * What the scheduler tells its host to do. It is called from within the scheduler's own methods and
 * must not call back into it before it has returned.
 */
public interface InvocationSink {
  /** Send this invocation to this pod now; its room is taken until it is finished. */
  void dispatch(Invocation invocation, PodAddress pod);

  /** Turn this invocation away; it holds nothing any more. */
  void refuse(Invocation invocation, Refusal why);
}
