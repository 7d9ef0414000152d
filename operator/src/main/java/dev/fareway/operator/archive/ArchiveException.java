package dev.fareway.operator.archive;

/** The API server does not answer, or not as expected: what was to be done is tried again later. */
final class ArchiveException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ArchiveException(String message) {
    super(message);
  }

  ArchiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
