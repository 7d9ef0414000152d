package dev.fareway.e2e.machine;

/**
 * What a script on the node left.
 *
 * @param exitStatus the shell's exit status
 * @param out its standard output
 * @param err its standard error
 */
public record ScriptResult(int exitStatus, String out, String err) {
  /**
   * The standard output of a script that succeeded.
   *
   * @throws IllegalStateException with both outputs, if it did not
   */
  public String orThrow() {
    if (exitStatus != 0) {
      throw new IllegalStateException(
          "the script ended with status %d%noutput:%n%s%nerrors:%n%s"
              .formatted(exitStatus, out, err));
    }
    return out;
  }
}
