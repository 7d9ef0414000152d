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
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
  private static final long AGAIN_MILLIS = 2000;

  private final Path root;
  private final PodCgroups cgroups;
  private final Consumer<String> appeared;
  private final WatchService watches;
  private final Map<WatchKey, Path> watched = new HashMap<>();

  /** The values of {@link #watched}, each once: it is asked for each of them at each event. */
  private final Set<Path> directories = new HashSet<>();

  private boolean complained;
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
      boolean complete = registered();
      while (true) {
        WatchKey key =
            complete ? watches.take() : watches.poll(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        if (key == null) {
          complete = registered();
          continue;
        }
        Path directory = watched.get(key);
        boolean created = false;
        boolean missed = false;
        for (var event : key.pollEvents()) {
          created |= event.kind().equals(StandardWatchEventKinds.ENTRY_CREATE);
          missed |= event.kind().equals(StandardWatchEventKinds.OVERFLOW);
        }
        if (!key.reset()) {
          watched.remove(key);
          directories.remove(directory);
        }
        if (directory != null) {
          if (missed || !complete) {
            complete = registered();
          } else if (created) {
            complete = registered(directory);
          }
          String uid = uidOf(directory);
          if (uid != null) {
            appeared.accept(uid);
          }
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      // The daemon stops.
    }
  }

  /** Whether all that is there is watched now. */
  private boolean registered() {
    return succeeds(
        () -> {
          for (Path slice : cgroups.slices()) {
            register(slice);
            registerPods(slice, true);
          }
        });
  }

  /** The same of what is in a directory in which something was created. */
  private boolean registered(Path directory) {
    return succeeds(
        () -> {
          if (uidOf(directory) != null) {
            registerContainers(directory);
            return;
          }
          for (Path slice : cgroups.slices()) {
            // What is in a new one may have been there before it was watched.
            if (register(slice) || slice.equals(directory)) {
              registerPods(slice, false);
            }
          }
        });
  }

  /** What may fail: the kernel gives a user so many watches and no more. */
  private interface Registration {
    void run() throws IOException;
  }

  private boolean succeeds(Registration registration) {
    try {
      registration.run();
      complained = false;
      return true;
    } catch (IOException e) {
      if (!complained) {
        complained = true;
        LOG.log(
            Level.WARNING,
            "Not all pods are watched, until that works their containers are found by the periodic look: {0}."
                + " If the node is short of watches, raise fs.inotify.max_user_watches",
            e.toString());
      }
      return false;
    }
  }

  /** The pods of a slice; with the containers of all, or of those alone that are new. */
  private void registerPods(Path slice, boolean all) throws IOException {
    for (var pod : cgroups.pods(slice).entrySet()) {
      boolean isNew = register(pod.getValue());
      if (isNew) {
        appeared.accept(pod.getKey());
      }
      if (isNew || all) {
        registerContainers(pod.getValue());
      }
    }
  }

  private void registerContainers(Path below) throws IOException {
    String uid = uidOf(below);
    for (Path container : PodCgroups.containers(below)) {
      if (register(container) && uid != null) {
        appeared.accept(uid);
      }
    }
  }

  /** Whether the directory is newly watched. */
  private boolean register(Path directory) throws IOException {
    if (directories.contains(directory)) {
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
      directories.add(directory);
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
