package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CgroupWatchTest {

  private static final String CONTAINER = "c".repeat(64);

  private final Map<String, Semaphore> told = new ConcurrentHashMap<>();

  private Semaphore toldOf(String uid) {
    return told.computeIfAbsent(uid, _ -> new Semaphore(0));
  }

  private void awaits(String uid) throws InterruptedException {
    assertTrue(toldOf(uid).tryAcquire(10, TimeUnit.SECONDS), uid);
    toldOf(uid).drainPermits();
  }

  @Test
  void watch_tellsOfPodsAndOfTheirFirstProcess_inSlicesThatComeLater() throws Exception {
    String first = "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e";
    String second = "0b6ff2bc-64cf-4b63-8d5a-7a0f3c1e9d21";
    try (var node = TestNode.create();
        var _ = new CgroupWatch(node.root(), uid -> toldOf(uid).release())) {
      var container = node.systemd("burstable", first, CONTAINER);
      awaits(first);
      node.cgroupfs("besteffort", second, CONTAINER);
      awaits(second);

      node.start(container);
      awaits(first);
    }
  }

  @Test
  void close_endsTheWatch() throws IOException, InterruptedException {
    try (var node = TestNode.create()) {
      var watch = new CgroupWatch(node.root(), uid -> toldOf(uid).release());
      watch.close();
      node.systemd("burstable", "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e", CONTAINER);

      assertTrue(
          Thread.getAllStackTraces().keySet().stream()
              .noneMatch(thread -> thread.getName().equals("cgroup-watch")));
    }
  }
}
