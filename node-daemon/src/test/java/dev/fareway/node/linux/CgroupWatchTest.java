package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CgroupWatchTest {

  private static final String CONTAINER = "c".repeat(64);

  private final Map<String, Semaphore> told = new ConcurrentHashMap<>();

  private Semaphore goneOf(String uid) {
    return toldOf("gone " + uid);
  }

  private Semaphore toldOf(String uid) {
    return told.computeIfAbsent(uid, _ -> new Semaphore(0));
  }

  private void awaits(String uid) throws InterruptedException {
    assertTrue(toldOf(uid).tryAcquire(10, TimeUnit.SECONDS), uid);
    toldOf(uid).drainPermits();
  }

  private CgroupWatch.Sightings sightings() {
    return new CgroupWatch.Sightings() {
      @Override
      public void seen(String uid, Path cgroup) {
        toldOf(uid).release();
        toldOf(cgroup.toString()).release();
      }

      @Override
      public void gone(String uid) {
        goneOf(uid).release();
      }
    };
  }

  @Test
  void watch_tellsOfPodsAndOfTheirFirstProcess_inSlicesThatComeLater() throws Exception {
    String first = "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e";
    String second = "0b6ff2bc-64cf-4b63-8d5a-7a0f3c1e9d21";
    try (var node = TestNode.create();
        var _ = new CgroupWatch(node.root(), sightings(), () -> {})) {
      var container = node.systemd("burstable", first, CONTAINER);
      awaits(first);
      node.cgroupfs("besteffort", second, CONTAINER);
      awaits(second);

      node.start(container);
      awaits(first);
    }
  }

  @Test
  void watch_tellsOfWhatComesBelowAContainer_andOfWhatGoes() throws Exception {
    String pod = "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e";
    try (var node = TestNode.create();
        var _ = new CgroupWatch(node.root(), sightings(), () -> {})) {
      Path container = node.systemd("burstable", pod, CONTAINER);
      awaits(container.toString());
      Path below = container.resolve("container");
      Files.createDirectory(below);
      awaits(below.toString());

      Files.delete(below);

      awaits("gone " + pod);
      // It can come again.
      node.mkdir(below);
      awaits(below.toString());
    }
  }

  @Test
  void close_endsTheWatch() throws IOException, InterruptedException {
    try (var node = TestNode.create()) {
      var watch = new CgroupWatch(node.root(), sightings(), () -> {});
      watch.close();
      node.systemd("burstable", "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e", CONTAINER);

      assertTrue(
          Thread.getAllStackTraces().keySet().stream()
              .noneMatch(thread -> thread.getName().equals("cgroup-watch")));
    }
  }
}
