package dev.fareway.node.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells of pods whose cgroups appear or change, by inotify: on the slices for new pods, on each
 * pod's directory for its containers, on each container's for the moment when its first process
 * enters ({@code cgroup.events}).
 *
 * <p>What an event costs does not grow with the number of pods: only what is new is looked at. All
 * is looked at when it starts, and when the kernel has thrown events away.
 */
public final class CgroupWatch implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CgroupWatch.class.getName());
  private static final int AGAIN_MILLIS = 2000;
  private static final String EVENTS = "cgroup.events";

  private final Path root;
  private final PodCgroups cgroups;
  private final Sightings sightings;
  private final Runnable begin;
  private final Inotify inotify = new Inotify();
  private final Map<Integer, Watched> watched = new HashMap<>();
  private final Map<Path, Integer> watches = new HashMap<>();
  private final Thread thread;
  private boolean complained;
  private volatile boolean ended;

  /** Takes what the watch has seen, on the watch's own thread. */
  public interface Sightings {
    /**
     * A cgroup has appeared, or its first process has entered, or its last has ended.
     *
     * @param cgroup the pod's, or one of a container of it
     */
    void seen(String uid, Path cgroup);

    /** A pod's cgroup, or one of a container of it, is gone. */
    void gone(String uid);
  }

  /**
   * A directory that is watched.
   *
   * @param uid of the pod that it belongs to; null: it is above pods
   */
  private record Watched(Path directory, @Nullable String uid) {}

  /**
   * Starts watching.
   *
   * @param root the directory that holds {@code kubepods.slice} or {@code kubepods}
   * @param begin is run first on the watch's thread
   */
  public CgroupWatch(Path root, Sightings sightings, Runnable begin) throws IOException {
    this.root = root;
    this.cgroups = new PodCgroups(root);
    this.sightings = sightings;
    this.begin = begin;
    try {
      var _ = watch(root, null, Inotify.CREATED | Inotify.DELETED);
    } catch (IOException e) {
      inotify.close();
      throw e;
    }
    this.thread = Thread.ofPlatform().name("cgroup-watch").daemon().start(this::run);
  }

  /** Ends the watch. */
  @Override
  public void close() {
    ended = true;
    inotify.wake();
    try {
      thread.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    begin.run();
    boolean complete = all(false);
    while (!ended) {
      try {
        var events = inotify.await(complete ? -1 : AGAIN_MILLIS);
        if (events.isEmpty() && !complete && !ended) {
          complete = all(false);
        }
        for (Inotify.Event event : events) {
          if (event.isOverflow()) {
            complete = all(true);
          } else if (!happened(event)) {
            complete = false;
          }
        }
      } catch (IOException e) {
        LOG.log(Level.WARNING, "New pods are found by the periodic look alone: {0}", e.toString());
        break;
      }
    }
    inotify.close();
  }

  /** Whether all that the event has brought is watched. */
  private boolean happened(Inotify.Event event) {
    Watched at = watched.get(event.watch());
    if (at == null) {
      return true;
    }
    if (event.isEnd()) {
      watched.remove(event.watch());
      watches.remove(at.directory, event.watch());
    } else if (event.isDeleted()) {
      deleted(at.directory.resolve(event.name()));
    } else if (event.isCreated()) {
      Path created = at.directory.resolve(event.name());
      String uid = at.uid;
      return succeeds(() -> created(created, uid, false));
    } else if (event.isModified() && event.name().equals(EVENTS) && at.uid != null) {
      sightings.seen(at.uid, at.directory);
    }
    return true;
  }

  private void deleted(Path directory) {
    Integer watch = watches.remove(directory);
    if (watch == null) {
      return;
    }
    // What was below it is gone before it, and was told of.
    inotify.remove(watch);
    Watched gone = watched.remove(watch);
    if (gone != null && gone.uid != null) {
      sightings.gone(gone.uid);
    }
  }

  /** Whether all that is there is watched now. */
  private boolean all(boolean again) {
    return succeeds(
        () -> {
          for (Path slice : cgroups.slices()) {
            created(slice, null, again);
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
            e.getMessage());
      }
      return false;
    }
  }

  /**
   * Watches a directory and what is in it, and tells of the pods and containers among that.
   *
   * @param pod the pod that it is in; null: it is a slice, a pod, or none of either
   * @param again whether to tell also of what was watched before
   */
  private void created(Path directory, @Nullable String pod, boolean again) throws IOException {
    if (pod == null) {
      String uid = PodCgroups.podUid(directory).orElse(null);
      if (uid == null && !PodCgroups.isSlice(root, directory)) {
        return;
      }
      boolean isNew = watch(directory, uid, Inotify.CREATED | Inotify.DELETED);
      if (uid != null && (isNew || again)) {
        sightings.seen(uid, directory);
      }
      // What is in a new one may have been there before it was watched.
      for (Path below : PodCgroups.ofContainers(directory)) {
        created(below, uid, again);
      }
      return;
    }
    int mask = Inotify.CREATED | Inotify.DELETED | Inotify.MODIFIED;
    boolean isNew = PodCgroups.isCgroup(directory) && watch(directory, pod, mask);
    if (isNew) {
      // The kernel tells only of files that somebody has looked up (kernfs_notify).
      var _ = Files.exists(directory.resolve(EVENTS));
    }
    if (isNew || again) {
      sightings.seen(pod, directory);
      for (Path below : PodCgroups.ofContainers(directory)) {
        created(below, pod, again);
      }
    }
  }

  /** Whether the directory is newly watched. */
  private boolean watch(Path directory, @Nullable String uid, int mask) throws IOException {
    OptionalInt watch = inotify.add(directory, mask);
    if (watch.isEmpty()) {
      return false;
    }
    watches.put(directory, watch.getAsInt());
    return watched.put(watch.getAsInt(), new Watched(directory, uid)) == null;
  }
}
