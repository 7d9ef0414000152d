package dev.fareway.node.kubernetes;

import dev.fareway.node.core.PodEvents;
import dev.fareway.node.core.PodRef;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatterBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Writes Events ({@code events.k8s.io/v1}) on a thread of its own.
 *
 * <p>The same one (pod, reason and message) again within ten minutes is not written a second time:
 * under pressure the same things happen every second, and the API server is not there to count
 * them. What waits is bounded; what does not fit is dropped and counted.
 */
public final class EventWriter implements PodEvents, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(EventWriter.class.getName());
  private static final int MAX_WAITING = 256;
  private static final int MAX_REMEMBERED = 1024;
  private static final long AGAIN_SECONDS = 600;
  private static final int MAX_REASON = 128;
  private static final int MAX_NOTE = 1024;

  private record Happening(PodRef pod, Type type, String reason, String message, Instant at) {
    String key() {
      return pod.uid() + " " + reason + " " + message;
    }
  }

  private final ApiClient client;
  private final String node;
  private final Clock clock;
  private final BlockingQueue<Happening> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread thread;

  /** Last written when, by key; the eldest goes first. On the writer's thread alone. */
  private final Map<String, Instant> written =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /** A writer that runs. */
  public EventWriter(ApiClient client, String node, Clock clock) {
    this.client = client;
    this.node = node;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("events").daemon().start(this::run);
  }

  @Override
  public void record(PodRef pod, Type type, String reason, String message) {
    if (!waiting.offer(
        new Happening(
            pod,
            type,
            shortened(reason, MAX_REASON),
            shortened(message, MAX_NOTE),
            clock.instant()))) {
      dropped.incrementAndGet();
    }
  }

  /** How many were dropped: too many waited, or the API server did not take them. */
  public long dropped() {
    return dropped.get();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        Happening next = waiting.take();
        Instant last = written.get(next.key());
        if (last == null || last.plusSeconds(AGAIN_SECONDS).isBefore(next.at)) {
          write(next);
        }
      }
    } catch (InterruptedException e) {
      // The daemon ends.
    }
  }

  private void write(Happening happening) {
    try {
      client.send(
          "POST",
          "/apis/events.k8s.io/v1/namespaces/%s/events"
              .formatted(ApiClient.encoded(happening.pod.namespace())),
          ApiClient.JSON,
          event(happening));
      written.remove(happening.key());
      written.put(happening.key(), happening.at);
    } catch (IOException | RuntimeException e) {
      if (dropped.getAndIncrement() == 0) {
        LOG.log(
            Level.WARNING,
            "Event {0} of pod {1} is not written, and others may be lost without a word: {2}",
            new Object[] {happening.reason, happening.pod, e.getMessage()});
      }
    }
  }

  private byte[] event(Happening happening) {
    PodRef pod = happening.pod;
    return Json.bytes(
        out -> {
          out.writeStartObject();
          out.writeStringField("apiVersion", "events.k8s.io/v1");
          out.writeStringField("kind", "Event");
          out.writeObjectFieldStart("metadata");
          out.writeStringField("namespace", pod.namespace());
          out.writeStringField("generateName", prefix(pod.name()));
          out.writeEndObject();
          // Microseconds, always six digits: the API server takes no other form.
          out.writeStringField(
              "eventTime",
              new DateTimeFormatterBuilder().appendInstant(6).toFormatter().format(happening.at));
          out.writeStringField("reportingController", "fareway.dev/node-daemon");
          out.writeStringField("reportingInstance", shortened("fareway-" + node, MAX_REASON));
          out.writeStringField("action", happening.reason);
          out.writeStringField("reason", happening.reason);
          out.writeStringField("note", happening.message);
          out.writeStringField("type", happening.type == Type.WARNING ? "Warning" : "Normal");
          out.writeObjectFieldStart("regarding");
          out.writeStringField("apiVersion", "v1");
          out.writeStringField("kind", "Pod");
          out.writeStringField("namespace", pod.namespace());
          out.writeStringField("name", pod.name());
          out.writeStringField("uid", pod.uid());
          out.writeEndObject();
          out.writeEndObject();
        });
  }

  /** A name has 253 characters, of which the API server takes five. */
  private static String prefix(String pod) {
    return shortened(pod, 240) + ".";
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }
}
