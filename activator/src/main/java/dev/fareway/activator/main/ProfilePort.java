package dev.fareway.activator.main;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives profiles of this process to whoever may forward ports to its pod, while Knative's {@code
 * config-observability} allows it: where Knative's own activator has Go's, with what the JVM has.
 * One recording at a time, of a minute and 16 MiB at most. To be used on one event loop.
 */
final class ProfilePort {
  private static final Logger LOG = LoggerFactory.getLogger(ProfilePort.class);

  /** Not the pod's address: what runs in here is no one's business who can't forward ports. */
  private static final String HOST = "127.0.0.1";

  private static final int USUAL_SECONDS = 30;
  private static final int MOST_SECONDS = 60;
  private static final long MOST_BYTES = 16L << 20;
  private static final String HELP =
      """
      /debug/pprof/profile?seconds=N  a recording of Java Flight Recorder, for JDK Mission Control or jfr; N from 1 to 60, 30 if not said
      /debug/pprof/threads            what each thread does
      """;

  private final Vertx vertx;
  private final int port;
  private @Nullable HttpServer server;
  private boolean isWanted;
  private boolean isRecording;

  /** Closed. */
  ProfilePort(Vertx vertx, int port) {
    this.vertx = vertx;
    this.port = port;
  }

  /** Opens or closes it. */
  void enable(boolean now) {
    if (isWanted == now) {
      return;
    }
    isWanted = now;
    if (!now) {
      close();
      return;
    }
    var _ =
        vertx
            .createHttpServer()
            .requestHandler(this::handle)
            .listen(port, HOST)
            .onSuccess(
                opened -> {
                  server = opened;
                  LOG.info(
                      "Profiles at http://{}:{}/debug/pprof/ in this pod: forward the port to it",
                      HOST,
                      opened.actualPort());
                  if (!isWanted) {
                    close();
                  }
                })
            .onFailure(
                failure -> {
                  isWanted = false;
                  LOG.error("Port {} for profiles can't be opened: {}", port, failure.getMessage());
                });
  }

  private void close() {
    HttpServer open = server;
    server = null;
    if (open != null) {
      var _ = open.close();
      LOG.info("No profiles any more: port {} is closed", open.actualPort());
    }
  }

  private void handle(HttpServerRequest request) {
    switch (request.path() == null ? "" : request.path()) {
      case "/debug/pprof/threads" -> request.response().end(threads());
      case "/debug/pprof/profile" -> record(request);
      case "/debug/pprof/", "/debug/pprof", "/" -> request.response().end(HELP);
      default -> request.response().setStatusCode(404).end(HELP);
    }
  }

  private void record(HttpServerRequest request) {
    int seconds;
    String asked = request.getParam("seconds");
    try {
      seconds = asked == null ? USUAL_SECONDS : Integer.parseInt(asked);
    } catch (NumberFormatException e) {
      seconds = 0;
    }
    HttpServerResponse response = request.response();
    if (seconds < 1 || seconds > MOST_SECONDS) {
      response
          .setStatusCode(400)
          .end("seconds is %s; it must be from 1 to %d%n".formatted(asked, MOST_SECONDS));
      return;
    }
    if (isRecording) {
      response.setStatusCode(429).end("one is being recorded: ask again when it is done\n");
      return;
    }
    isRecording = true;
    LOG.info("Records a profile for {} s", seconds);
    long millis = TimeUnit.SECONDS.toMillis(seconds);
    Future<Recording> begun = beside(ProfilePort::start);
    var _ =
        begun
            .compose(recording -> vertx.timer(millis).compose(_ -> end(recording)))
            .compose(file -> send(response, file).eventually(() -> delete(file)))
            .onComplete(
                done -> {
                  isRecording = false;
                  if (done.failed()) {
                    LOG.warn("No profile was given: {}", done.cause().getMessage());
                    if (!response.headWritten() && !response.closed()) {
                      response.setStatusCode(500).end("it can't be recorded; the log says why\n");
                    }
                  }
                });
  }

  private static Future<Void> send(HttpServerResponse response, Path file) {
    return response.closed()
        ? Future.failedFuture("who asked is gone")
        : response
            .putHeader("Content-Type", "application/octet-stream")
            .putHeader("Content-Disposition", "attachment; filename=\"activator.jfr\"")
            .sendFile(file.toString());
  }

  private static Recording start() throws IOException, ParseException {
    var recording = new Recording(Configuration.getConfiguration("profile"));
    recording.setName("activator");
    recording.setMaxSize(MOST_BYTES);
    recording.start();
    return recording;
  }

  private Future<Path> end(Recording recording) {
    return beside(
        () -> {
          try (recording) {
            recording.stop();
            Path file = Files.createTempFile("activator", ".jfr");
            recording.dump(file);
            return file;
          }
        });
  }

  /** Done beside the event loop. */
  private <T> Future<T> beside(Callable<T> action) {
    Promise<T> done = Promise.promise();
    var _ =
        vertx.executeBlocking(
            () -> {
              try {
                done.complete(action.call());
              } catch (Exception e) {
                done.fail(e);
              }
              return "";
            },
            false);
    return done.future();
  }

  private Future<Void> delete(Path file) {
    return vertx.fileSystem().delete(file.toString());
  }

  private static String threads() {
    var out = new StringBuilder(16 << 10);
    for (ThreadInfo thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
      out.append(thread);
    }
    return out.toString();
  }
}
