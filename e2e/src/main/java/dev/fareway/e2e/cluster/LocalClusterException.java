package dev.fareway.e2e.cluster;

import org.jspecify.annotations.Nullable;

/** A part of a local cluster did not do what it should; the message is for users to read. */
public final class LocalClusterException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public LocalClusterException(String message) {
    super(message);
  }

  LocalClusterException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
