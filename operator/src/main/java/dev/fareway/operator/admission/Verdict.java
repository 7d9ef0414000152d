package dev.fareway.operator.admission;

import java.util.List;

/** What becomes of an object that somebody asks the API server to store. */
sealed interface Verdict {

  /**
   * It is stored, after these changes.
   *
   * @param changes in the order in which they apply; empty: as it is
   * @param warnings for who sent it, one sentence each
   */
  record Admitted(List<Change> changes, List<String> warnings) implements Verdict {
    public Admitted {
      changes = List.copyOf(changes);
      warnings = List.copyOf(warnings);
    }
  }

  /** It is refused. The message names the field, its value and the remedy. */
  record Refused(String message) implements Verdict {}

  /** The object is none of ours. */
  static Verdict untouched() {
    return new Admitted(List.of(), List.of());
  }

  /** One step of a JSON patch (RFC 6902). */
  sealed interface Change {
    /** Where, as a JSON pointer (RFC 6901). */
    String path();

    /** Sets a text, over what stood there. */
    record SetText(String path, String value) implements Change {}

    /** Makes an empty object. */
    record MakeObject(String path) implements Change {}

    /** Removes what is there. */
    record Remove(String path) implements Change {}
  }
}
