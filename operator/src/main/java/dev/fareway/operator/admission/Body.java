package dev.fareway.operator.admission;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** A request's body as it comes in, up to a limit. */
final class Body {
  private final int limitBytes;
  private final Buffer parts = Buffer.buffer();
  private boolean overfull;

  Body(int limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Takes a part; whether that is more than is taken. */
  boolean isOverfullWith(Buffer part) {
    overfull = overfull || parts.length() + part.length() > limitBytes;
    if (!overfull) {
      parts.appendBuffer(part);
    }
    return overfull;
  }

  /** All of it; empty if it was too much. */
  Optional<byte[]> whole() {
    return overfull ? Optional.empty() : Optional.of(parts.getBytes());
  }
}
