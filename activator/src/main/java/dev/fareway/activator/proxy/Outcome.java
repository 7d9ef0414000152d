package dev.fareway.activator.proxy;

import java.util.Locale;

/** How a request ended. */
enum Outcome {
  /** Its function's answer was passed on to the end. */
  ANSWERED,
  /** Too many wait: 503. */
  SHED,
  /** It has waited for a pod for too long: 503. */
  WAITED_TOO_LONG,
  /** Its function's budget is to be spent more slowly: 429. */
  THROTTLED,
  /** One of its function's timeouts has passed: 504, or broken off. */
  TIMED_OUT,
  /** Its pod failed: 502, or broken off. */
  POD_FAILED,
  /** It can't be passed on as it is: 400. */
  MALFORMED,
  /** Its caller has gone. */
  HUNG_UP;

  /** As a metric's label says it. */
  final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');
}
