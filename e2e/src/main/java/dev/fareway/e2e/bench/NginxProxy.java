package dev.fareway.e2e.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An nginx with one worker: a plain proxy to compare with, or a function that answers at once. */
@SuppressWarnings("InlineFormatString") // Read apart from the code that fills it in.
final class NginxProxy implements AutoCloseable {
  private static final String COMMON =
      """
      daemon off;
      worker_processes 1;
      worker_rlimit_nofile 65536;
      pid %1$s/nginx.pid;
      error_log %1$s/error.log crit;
      events { worker_connections 32768; }
      http {
        access_log off;
        client_body_temp_path %1$s;
        proxy_temp_path %1$s;
        fastcgi_temp_path %1$s;
        uwsgi_temp_path %1$s;
        scgi_temp_path %1$s;
        keepalive_requests 100000000;
        %2$s
      }
      """;

  private final Process process;

  private NginxProxy(Process process) {
    this.process = process;
  }

  /** Answers every request at once with a few bytes. */
  static NginxProxy function(Path folder, int port, List<String> through) throws IOException {
    return start(
        folder,
        through,
        "server { listen 127.0.0.1:%d backlog=4096; location / { return 200 \"ok\\n\"; } }"
            .formatted(port));
  }

  /** Passes every request on, over connections that it keeps. */
  static NginxProxy proxy(Path folder, int port, int to, List<String> through) throws IOException {
    return start(
        folder,
        through,
        """
        upstream function { server 127.0.0.1:%d; keepalive 512; keepalive_requests 100000000; }
          server {
            listen 127.0.0.1:%d backlog=4096;
            location / {
              proxy_pass http://function;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $host;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            }
          }"""
            .formatted(to, port));
  }

  private static NginxProxy start(Path folder, List<String> through, String http)
      throws IOException {
    Files.createDirectories(folder);
    Path configuration =
        Files.writeString(folder.resolve("nginx.conf"), COMMON.formatted(folder, http));
    var command = new ArrayList<>(through);
    command.addAll(List.of("nginx", "-p", folder.toString(), "-c", configuration.toString()));
    return new NginxProxy(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("nginx.log").toFile())
            .start());
  }

  /** The process that does the work. */
  long worker() {
    return process
        .children()
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("nginx has no worker"))
        .pid();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
