package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far an experiment is: a bar on a terminal, a line for every tenth elsewhere (a log
 * needs no moving picture).
 */
final class ProgressLine implements Progress, AutoCloseable {
  private final @Nullable ProgressBar bar;
  private final PrintWriter errors;
  private final String task;
  private final long steps;
  private final AtomicLong done = new AtomicLong();

  ProgressLine(String task, long steps, PrintWriter errors) {
    this.task = task;
    this.steps = Math.max(1, steps);
    this.errors = errors;
    this.bar =
        !onTerminal()
            ? null
            : new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(this.steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .build();
  }

  private static boolean onTerminal() {
    Optional<Console> console = Optional.ofNullable(System.console());
    return console.isPresent() && console.get().isTerminal();
  }

  @Override
  public void step(long more) {
    long now = done.addAndGet(more);
    if (bar != null) {
      bar.stepTo(Math.min(now, steps));
    } else if (now * 10 / steps > (now - more) * 10 / steps) {
      errors.printf("%s: %d%%%n", task, Math.min(100, now * 100 / steps));
      errors.flush();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
