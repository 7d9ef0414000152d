package dev.fareway.node.meter;

import dev.fareway.node.core.meter.MeterState;
import dev.fareway.node.core.meter.MeterStateText;
import dev.fareway.node.linux.CgroupNote;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Keeps the meter's state as a note on the node's cgroups. Says once when that can't be done. */
final class MeterNote {
  private static final Logger LOG = Logger.getLogger(MeterNote.class.getName());
  private static final String NAME = "fareway.meter";

  /** Null: nothing is kept, in a dry run. */
  private final @Nullable CgroupNote note;

  private boolean complained;

  MeterNote(Path cgroupRoot, boolean dryRun) {
    this.note = dryRun ? null : new CgroupNote(cgroupRoot, NAME);
  }

  /** What the last daemon has left; empty if there was none since boot. */
  Optional<MeterState> read() {
    if (note == null) {
      return Optional.empty();
    }
    try {
      return note.read().map(MeterStateText::read);
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(
          Level.WARNING,
          "What an earlier daemon has metered and not yet reported is not known: {0}",
          e.getMessage());
      return Optional.empty();
    }
  }

  void write(MeterState state) {
    if (note == null) {
      return;
    }
    try {
      note.write(MeterStateText.write(state));
      complained = false;
    } catch (IOException e) {
      if (!complained) {
        complained = true;
        LOG.log(
            Level.WARNING,
            "The meter''s state is not kept: if this daemon is killed, what it has not yet reported is not charged ({0})",
            e.getMessage());
      }
    }
  }
}
