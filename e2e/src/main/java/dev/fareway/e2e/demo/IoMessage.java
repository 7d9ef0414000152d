package dev.fareway.e2e.demo;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Says what an input or output error is about: the JDK's own messages are often only a path. */
final class IoMessage {
  private IoMessage() {}

  /** One sentence that names the file, where there is one, and what is wrong with it. */
  static String of(IOException failure) {
    return switch (failure) {
      case AccessDeniedException e -> e.getFile() + ": permission denied.";
      case NoSuchFileException e -> e.getFile() + ": not there.";
      case FileAlreadyExistsException e -> e.getFile() + ": is there already, and is not a folder.";
      case FileSystemException e -> e.getMessage() + ".";
      default -> Objects.requireNonNullElse(failure.getMessage(), failure.toString()) + ".";
    };
  }
}
