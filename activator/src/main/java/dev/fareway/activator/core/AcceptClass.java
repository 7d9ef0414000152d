package dev.fareway.activator.core;

/** Whose word a function takes for the class of an invocation. */
public enum AcceptClass {
  /** Only that of a function pod, which brings a proof. */
  TRUSTED,
  /** Anyone's. */
  ANY,
  /** No one's: every invocation runs in the function's own class. */
  NONE;

  /** Key of the annotation on the function. */
  public static final String ANNOTATION = "fareway.dev/accept-class";

  /** What an annotation's value means; anything unknown is the default, {@link #TRUSTED}. */
  public static AcceptClass of(String value) {
    return switch (value) {
      case "any" -> ANY;
      case "none" -> NONE;
      default -> TRUSTED;
    };
  }
}
