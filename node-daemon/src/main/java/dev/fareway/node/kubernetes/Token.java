package dev.fareway.node.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The bearer token that says who we are. */
public sealed interface Token {
  /** What to send now; null: none. */
  @Nullable String value() throws IOException;

  /** We are known by a client certificate, or not at all. */
  record None() implements Token {
    @Override
    public @Nullable String value() {
      return null;
    }
  }

  /** It never changes. */
  record Fixed(String value) implements Token {
    @Override
    public String toString() {
      return "Fixed[...]";
    }
  }

  /**
   * It is in a file that the kubelet renews before the token expires: read for every connection,
   * which there are few of.
   */
  record File(Path path) implements Token {
    @Override
    public String value() throws IOException {
      String value = Files.readString(path).strip();
      if (value.isEmpty() || value.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new IOException("%s holds no token".formatted(path));
      }
      return value;
    }
  }
}
