package dev.fareway.node.kubernetes;

import java.io.IOException;

/** An answer of the API server that says no. */
final class ApiException extends IOException {
  private static final long serialVersionUID = 1;
  static final int UNAUTHORIZED = 401;
  static final int NOT_FOUND = 404;
  static final int CONFLICT = 409;
  static final int GONE = 410;
  static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERRORS = 500;

  private final int code;
  private final String reason;

  ApiException(int code, String reason, String message) {
    super("HTTP %d %s: %s".formatted(code, reason, message));
    this.code = code;
    this.reason = reason;
  }

  /** The HTTP status. */
  int code() {
    return code;
  }

  /** One word, such as {@code NotFound}. */
  String reason() {
    return reason;
  }

  /** Whether the same may succeed later. */
  boolean mayPass() {
    return code == TOO_MANY_REQUESTS
        || code == UNAUTHORIZED
        || code == CONFLICT
        || code >= SERVER_ERRORS;
  }
}
