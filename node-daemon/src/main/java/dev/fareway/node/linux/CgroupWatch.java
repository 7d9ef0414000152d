package dev.fareway.node.linux;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells of pods whose cgroups appear or change, by inotify: on the slices for new pods, on each
 * pod's directory for its containers, on each container's for the moment when its first process
 * enters ({@code cgroup.events}).
 */
public final class CgroupWatch implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CgroupWatch.class.getName());

  private final Path root;
  private final PodCgroups cgroups;
  private final Consumer<String> appeared;
  private final WatchService watches;
  private final Map<WatchKey, Path> watched = new HashMap<>();
  private final Thread thread;

  /**
   * Starts watching.
   *
   * @param root the directory that holds {@code kubepods.slice} or {@code kubepods}
   * @param appeared takes the UIDs of pods, on the watch's own thread
   */
  public CgroupWatch(Path root, Consumer<String> appeared) throws IOException {
    this.root = root;
    this.cgroups = new PodCgroups(root);
    this.appeared = appeared;
    this.watches = FileSystems.getDefault().newWatchService();
    register(root);
    this.thread = Thread.ofPlatform().name("cgroup-watch").daemon().start(this::run);
  }

  /** Ends the watch. */
  @Override
  public void close() {
    try {
      watches.close();
      thread.join(1000);
    } catch (IOException e) {
      LOG.log(Level.FINE, "closing the watch", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      registerAll();
      while (true) {
        WatchKey key = watches.take();
        Path directory = watched.get(key);
        boolean created = false;
        for (var event : key.pollEvents()) {
          created |= !event.kind().equals(StandardWatchEventKinds.ENTRY_MODIFY);
        }
        if (!key.reset()) {
          watched.remove(key);
        }
        if (directory != null) {
          if (created) {
            // Also after an overflow, when it is not known what was created.
            registerAll();
          }
          String uid = uidOf(directory);
          if (uid != null) {
            appeared.accept(uid);
          }
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      // The daemon stops.
    } catch (IOException e) {
      LOG.log(Level.WARNING, "New pods are found by the periodic look only: {0}", e.toString());
    }
  }

  private void registerAll() throws IOException {
    for (Path slice : cgroups.slices()) {
      register(slice);
    }
    for (var pod : cgroups.pods().entrySet()) {
      if (register(pod.getValue())) {
        appeared.accept(pod.getKey());
      }
      for (Path container : PodCgroups.containers(pod.getValue())) {
        if (register(container)) {
          appeared.accept(pod.getKey());
        }
      }
    }
  }

  /** Whether the directory is newly watched. */
  private boolean register(Path directory) throws IOException {
    if (watched.containsValue(directory)) {
      return false;
    }
    try {
      boolean leaf = !directory.equals(root) && PodCgroups.containerId(directory).isPresent();
      WatchKey key =
          leaf
              ? directory.register(
                  watches,
                  StandardWatchEventKinds.ENTRY_CREATE,
                  StandardWatchEventKinds.ENTRY_MODIFY)
              : directory.register(watches, StandardWatchEventKinds.ENTRY_CREATE);
      watched.put(key, directory);
      if (leaf) {
        // The kernel tells only of files that somebody has looked up (kernfs_notify).
        var _ = Files.exists(directory.resolve("cgroup.events"));
      }
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      if (Files.exists(directory)) {
        throw e;
      }
      return false;
    }
  }

  private @Nullable String uidOf(Path directory) {
    for (Path at = directory; at != null && !at.equals(root); at = at.getParent()) {
      var uid = PodCgroups.podUid(at);
      if (uid.isPresent()) {
        return uid.get();
      }
    }
    return null;
  }
}
