package dev.fareway.e2e.demo;

/** Why the demo can't go on, in one sentence for its user. */
public final class DemoFailure extends RuntimeException {
  private final String sentence;

  DemoFailure(String sentence) {
    super(sentence);
    this.sentence = sentence;
  }

  DemoFailure(String sentence, Throwable cause) {
    super(sentence, cause);
    this.sentence = sentence;
  }

  String sentence() {
    return sentence;
  }
}
