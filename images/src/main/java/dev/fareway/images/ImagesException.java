package dev.fareway.images;

/** An image can't be built; the message is for the user. */
final class ImagesException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ImagesException(String message) {
    super(message);
  }

  ImagesException(String message, Throwable cause) {
    super(message, cause);
  }
}
