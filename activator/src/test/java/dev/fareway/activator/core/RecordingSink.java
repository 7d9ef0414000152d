package dev.fareway.activator.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps what the scheduler said, in order. */
final class RecordingSink implements InvocationSink {
  final List<Invocation> dispatched = new ArrayList<>();
  final Map<Invocation, Refusal> refused = new HashMap<>();

  @Override
  public void dispatch(Invocation invocation, PodAddress pod) {
    dispatched.add(invocation);
  }

  @Override
  public void refuse(Invocation invocation, Refusal why) {
    refused.put(invocation, why);
  }
}
