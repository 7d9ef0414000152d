package dev.fareway.operator.admission;

/** Somebody sent the webhook what is no AdmissionReview; the message says what is wrong with it. */
final class MalformedReviewException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedReviewException(String message) {
    super(message);
  }
}
