package dev.fareway.activator.core;

/** A ready pod and how much of it is taken. Mutable, owned by its {@link Function}. */
final class Backend {
  final PodAddress address;
  final Function function;
  final NodeShare node;

  /** How many invocations it takes at once; 1 or more. */
  int capacity;

  int running;

  /** False once it is gone: what still runs there ends in peace. */
  boolean present = true;

  Backend(PodAddress address, Function function, NodeShare node, int capacity) {
    this.address = address;
    this.function = function;
    this.node = node;
    this.capacity = capacity;
  }

  boolean hasRoom() {
    return running < capacity;
  }
}
