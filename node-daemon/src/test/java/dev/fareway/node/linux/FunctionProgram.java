package dev.fareway.node.linux;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/**
 * A process with as many threads as it is told, started by tests as a function: every line on
 * standard input is a number of further threads to start, and is echoed when they run.
 */
final class FunctionProgram {
  private FunctionProgram() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    var input =
        new java.io.BufferedReader(
            new java.io.InputStreamReader(System.in, java.nio.charset.StandardCharsets.US_ASCII));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      int count = Integer.parseInt(line);
      var running = new CountDownLatch(count);
      for (int i = 0; i < count; i++) {
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  running.countDown();
                  try {
                    Thread.sleep(Long.MAX_VALUE);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
      }
      running.await();
      System.out.println(line);
    }
  }
}
