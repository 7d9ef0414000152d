package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Interface files of cgroups that this daemon sets and can put back.
 *
 * <p>What a file held before is written beside it, as an extended attribute of the cgroup's
 * directory: it is there for the next daemon after a crash, and gone with the cgroup. Where the
 * kernel has no such attributes, or takes none for a while (cgroups that are read-only), it is kept
 * in memory, and that is then newer than an attribute. A value that someone else writes later, the
 * kubelet at a resize, becomes the one to put back. Not thread-safe.
 */
final class CgroupSettings {
  private static final String PREFIX = "fareway.";

  private final Map<Path, Before> inMemory = new HashMap<>();

  /**
   * What is known of a file.
   *
   * @param original what to put back
   * @param ours what we wrote last, as the kernel shows it
   */
  private record Before(String original, String ours) {}

  /**
   * Sees to it that a file holds a value.
   *
   * @param shown how the kernel shows the value once it is in force
   * @return whether it had to be written; false also if the cgroup has no such file or is gone
   * @throws IOException if the kernel refuses the value
   */
  boolean set(Path cgroup, String file, String value, String shown) throws IOException {
    Path path = cgroup.resolve(file);
    String now = read(path);
    if (now == null || now.equals(shown)) {
      return false;
    }
    remember(cgroup, file, now, shown);
    write(path, value);
    return true;
  }

  /** Remembers what a file holds, because it will show something else from what is done next. */
  void remember(Path cgroup, String file, String shown) throws IOException {
    String now = read(cgroup.resolve(file));
    if (now != null && !now.equals(shown)) {
      remember(cgroup, file, now, shown);
    }
  }

  /** Puts back what a file held before; nothing if it was never set. */
  void restore(Path cgroup, String file) throws IOException {
    Before before = before(cgroup, file);
    if (before == null) {
      return;
    }
    String now = read(cgroup.resolve(file));
    if (now != null && !now.equals(before.original)) {
      write(cgroup.resolve(file), before.original);
    }
    forget(cgroup, file);
  }

  /** What a file would hold without us; empty if the cgroup has no such file or is gone. */
  Optional<String> underneath(Path cgroup, String file) throws IOException {
    String now = read(cgroup.resolve(file));
    if (now == null) {
      return Optional.empty();
    }
    Before before = before(cgroup, file);
    return Optional.of(before != null && before.ours.equals(now) ? before.original : now);
  }

  /** Remembers what something of a cgroup was that is no file of it, unless that was our doing. */
  void note(Path cgroup, String name, String now, String ours) {
    if (!now.equals(ours)) {
      remember(cgroup, name, now, ours);
    }
  }

  /** What was noted, and forgets it; empty if nothing was. */
  Optional<String> takeNote(Path cgroup, String name) {
    Optional<String> original = Optional.ofNullable(before(cgroup, name)).map(Before::original);
    if (original.isPresent()) {
      forget(cgroup, name);
    }
    return original;
  }

  /** Whether a file's earlier value is kept. */
  boolean isSet(Path cgroup, String file) {
    return before(cgroup, file) != null;
  }

  /** Drops what is kept in memory of a cgroup that is gone. */
  void gone(Path cgroup) {
    inMemory.keySet().removeIf(path -> path.startsWith(cgroup));
  }

  private void remember(Path cgroup, String file, String now, String ours) {
    Before known = before(cgroup, file);
    String original = known != null && known.ours.equals(now) ? known.original : now;
    var before = new Before(original, ours);
    try {
      view(cgroup).write(PREFIX + file, US_ASCII.encode(original + "\n" + ours));
      inMemory.remove(cgroup.resolve(file));
    } catch (IOException | UnsupportedOperationException e) {
      inMemory.put(cgroup.resolve(file), before);
    }
  }

  private @Nullable Before before(Path cgroup, String file) {
    Before kept = inMemory.get(cgroup.resolve(file));
    if (kept != null) {
      return kept;
    }
    try {
      var view = view(cgroup);
      ByteBuffer content = ByteBuffer.allocate(view.size(PREFIX + file));
      view.read(PREFIX + file, content);
      String[] lines = US_ASCII.decode(content.flip()).toString().split("\n", -1);
      return lines.length == 2 ? new Before(lines[0], lines[1]) : null;
    } catch (IOException | UnsupportedOperationException e) {
      return null;
    }
  }

  private void forget(Path cgroup, String file) {
    inMemory.remove(cgroup.resolve(file));
    try {
      view(cgroup).delete(PREFIX + file);
    } catch (IOException | UnsupportedOperationException e) {
      // It was kept in memory, or went with its cgroup.
    }
  }

  private static UserDefinedFileAttributeView view(Path cgroup) {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(cgroup, UserDefinedFileAttributeView.class);
    if (view == null) {
      throw new UnsupportedOperationException("no extended attributes");
    }
    return view;
  }

  private static @Nullable String read(Path file) throws IOException {
    try {
      return Files.readString(file, US_ASCII).strip();
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      // ENODEV: the cgroup is being removed under our eyes.
      if (!Files.exists(file)) {
        return null;
      }
      throw e;
    }
  }

  private static void write(Path file, String value) throws IOException {
    try {
      Files.writeString(file, value, US_ASCII, WRITE, TRUNCATE_EXISTING);
    } catch (NoSuchFileException e) {
      // Gone meanwhile.
    } catch (FileSystemException e) {
      throw new IOException("%s does not take '%s': %s".formatted(file, value, e.getReason()), e);
    } catch (IOException e) {
      if (Files.exists(file)) {
        throw new IOException(
            "%s does not take '%s': %s".formatted(file, value, e.getMessage()), e);
      }
    }
  }
}
