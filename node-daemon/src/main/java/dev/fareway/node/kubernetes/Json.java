package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** JSON, streamed: what nobody asks for is skipped and never held. */
final class Json {
  /** An object of the API server's is at most some MiB; a string of it, an annotation, less. */
  private static final int MAX_STRING = 2 * 1024 * 1024;

  private static final int MAX_DEPTH = 200;

  static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          // Threads are few and mostly wait: buffers kept for each of them would only lie there.
          .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(MAX_STRING)
                  .maxNestingDepth(MAX_DEPTH)
                  .build())
          .build();

  private Json() {}

  /** Takes one field of an object; must not go beyond its value. */
  interface Field {
    void read(String name, JsonParser value) throws IOException;
  }

  /** Takes one element of an array; must not go beyond it. */
  interface Element {
    void read(JsonParser value) throws IOException;
  }

  /** Writes one value. */
  interface Writer {
    void write(JsonGenerator out) throws IOException;
  }

  /**
   * Reads an object field by field; nothing if there is none here (null, or another type). Fields
   * whose reader leaves their value alone are skipped.
   */
  static void object(JsonParser at, Field field) throws IOException {
    if (at.currentToken() != JsonToken.START_OBJECT) {
      at.skipChildren();
      return;
    }
    while (at.nextToken() == JsonToken.FIELD_NAME) {
      String name = at.currentName();
      JsonToken value = at.nextToken();
      field.read(name, at);
      // Left alone: the parser still stands at the start of it.
      if (value.isStructStart() && at.currentToken() == value) {
        at.skipChildren();
      }
    }
    if (at.currentToken() != JsonToken.END_OBJECT) {
      throw new IOException("broken JSON: no end of an object");
    }
  }

  /** Reads an array element by element; nothing if there is none here. */
  static void array(JsonParser at, Element element) throws IOException {
    if (at.currentToken() != JsonToken.START_ARRAY) {
      at.skipChildren();
      return;
    }
    for (JsonToken next = at.nextToken(); next != JsonToken.END_ARRAY; next = at.nextToken()) {
      if (next == null) {
        throw new IOException("broken JSON: no end of an array");
      }
      element.read(at);
      if (next.isStructStart() && at.currentToken() == next) {
        at.skipChildren();
      }
    }
  }

  /** A string, or a number as it is written; null for all else. */
  static @Nullable String text(JsonParser at) throws IOException {
    JsonToken token = at.currentToken();
    if (token == JsonToken.VALUE_STRING || (token != null && token.isNumeric())) {
      return at.getText();
    }
    at.skipChildren();
    return null;
  }

  /** The same, empty for all else. */
  static String textOrEmpty(JsonParser at) throws IOException {
    String text = text(at);
    return text == null ? "" : text;
  }

  /** A whole number; null for all else. */
  static @Nullable Long number(JsonParser at) throws IOException {
    if (at.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return at.getLongValue();
    }
    at.skipChildren();
    return null;
  }

  /** Writes to memory. */
  static byte[] bytes(Writer writer) {
    var out = new ByteArrayOutputStream();
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      writer.write(generator);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
