package dev.fareway.operator;

import dev.fareway.operator.task.Task;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;

/**
 * The operator's program: without arguments the operator itself; with some, a task that runs once
 * and ends, for the chart's hooks and its test. A task starts none of the operator.
 */
@QuarkusMain
public final class Main {
  private Main() {}

  /** Runs until it is told to end, or the task is done. */
  public static void main(String... arguments) {
    if (arguments.length == 0) {
      Quarkus.run();
    } else {
      System.exit(Task.run(List.of(arguments)));
    }
  }
}
