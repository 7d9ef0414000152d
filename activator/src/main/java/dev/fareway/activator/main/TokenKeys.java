package dev.fareway.activator.main;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the keys that prove the class of a caller. */
final class TokenKeys {
  private static final int BYTES = 32;

  private TokenKeys() {}

  /** The keys in a file, one to a line in Base64; or one that is made up, if there is no file. */
  static List<byte[]> read(@Nullable Path file) throws IOException {
    if (file == null) {
      byte[] key = new byte[BYTES];
      new SecureRandom().nextBytes(key);
      return List.of(key);
    }
    try {
      return Files.readAllLines(file).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .map(line -> Base64.getDecoder().decode(line))
          .toList();
    } catch (IllegalArgumentException malformed) {
      throw new IOException(file + " is to hold keys in Base64, one to a line", malformed);
    }
  }
}
