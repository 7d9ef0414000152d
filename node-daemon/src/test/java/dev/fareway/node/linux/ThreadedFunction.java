package dev.fareway.node.linux;

import java.util.concurrent.CountDownLatch;

/**
 * A function for tests: says when it is ready, and starts threads for every line that it is given.
 */
final class ThreadedFunction {
  private ThreadedFunction() {}

  public static void main(String[] args) throws Exception {
    System.out.println("ready");
    while (System.in.read() >= 0) {
      if (System.in.available() == 0) {
        var started = new CountDownLatch(8);
        for (int i = 0; i < 8; i++) {
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    started.countDown();
                    try {
                      Thread.sleep(60_000);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
        }
        started.await();
        System.out.println("started");
      }
    }
  }
}
