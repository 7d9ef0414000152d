package dev.fareway.images;

import java.nio.file.Files;
import java.nio.file.Path;

/** What an image is built on. */
sealed interface Base {
  /** Nothing: the image brings the Java runtime of this machine and the libraries that it needs. */
  record Scratch() implements Base {}

  /** An image in an archive, as {@code docker save} writes it, with {@code java} on its PATH. */
  record Archive(Path file) implements Base {}

  /** An image of a registry, with {@code java} on its PATH. */
  record Registry(String reference) implements Base {}

  /**
   * Reads what a user wrote: {@code scratch}, {@code tar:FILE}, or an image's reference.
   *
   * @throws ImagesException if the file is not there
   */
  static Base of(String text) {
    if (text.equals("scratch")) {
      return new Scratch();
    }
    if (text.startsWith("tar:")) {
      Path file = Path.of(text.substring("tar:".length()));
      if (!Files.isReadable(file)) {
        throw new ImagesException(
            "The base image %s is not there or can't be read.".formatted(file));
      }
      return new Archive(file);
    }
    return new Registry(text);
  }
}
