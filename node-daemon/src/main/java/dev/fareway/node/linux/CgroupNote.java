package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * A text that is kept as an extended attribute of a cgroup: it is there for the next daemon after a
 * crash, and gone when the counters that it speaks of are gone, at the next boot. Needs cgroup
 * version 2 on Linux 5.7 or newer.
 *
 * <p>The kernel replaces an attribute as a whole: a daemon that is killed leaves the old or the new
 * one. It takes 64 KiB, so the text is packed, about four to one.
 */
public final class CgroupNote {
  private static final int MAX_BYTES = 64 * 1024;

  private final Path cgroup;
  private final String name;

  /**
   * A note.
   *
   * @param name of the attribute, after "user."
   */
  public CgroupNote(Path cgroup, String name) {
    this.cgroup = cgroup;
    this.name = name;
  }

  /** What the note says; empty if there is none. */
  public Optional<String> read() throws IOException {
    try {
      UserDefinedFileAttributeView view = view();
      if (!view.list().contains(name)) {
        return Optional.empty();
      }
      var content = ByteBuffer.allocate(view.size(name));
      view.read(name, content);
      try (var in = new InflaterInputStream(new ByteArrayInputStream(content.array()))) {
        return Optional.of(new String(in.readAllBytes(), UTF_8));
      }
    } catch (UnsupportedOperationException e) {
      throw new IOException("%s takes no extended attributes".formatted(cgroup), e);
    }
  }

  /** Replaces the note. */
  public void write(String text) throws IOException {
    var packed = new ByteArrayOutputStream();
    var deflater = new Deflater(Deflater.BEST_SPEED);
    try (var out = new DeflaterOutputStream(packed, deflater)) {
      out.write(text.getBytes(UTF_8));
    } finally {
      deflater.end();
    }
    if (packed.size() > MAX_BYTES) {
      throw new IOException(
          "a note of %d bytes, packed, is more than an attribute takes (%d)"
              .formatted(packed.size(), MAX_BYTES));
    }
    try {
      view().write(name, ByteBuffer.wrap(packed.toByteArray()));
    } catch (UnsupportedOperationException e) {
      throw new IOException("%s takes no extended attributes".formatted(cgroup), e);
    }
  }

  private UserDefinedFileAttributeView view() {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(cgroup, UserDefinedFileAttributeView.class);
    if (view == null) {
      throw new UnsupportedOperationException("no extended attributes");
    }
    return view;
  }
}
