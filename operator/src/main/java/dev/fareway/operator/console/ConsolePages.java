package dev.fareway.operator.console;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Answers the console's requests. The page itself says nothing of the cluster and is for everyone
 * who reaches the port; the state is for those who may see it.
 */
final class ConsolePages {
  private static final Logger LOG = Logger.getLogger(ConsolePages.class);
  private static final String ROOT = "/console/";
  private static final String SESSION = "/console/session";
  private static final String COOKIE = "fareway-console";
  private static final String BEARER = "Bearer ";
  private static final int MOST_TOKEN = 16_384;

  /** Browsers take no cookie that is larger, name and attributes included. */
  private static final int MOST_COOKIE = 3_900;

  private static final int SESSION_SECONDS = 12 * 3_600;
  private static final int MOST_WAITING = 64;

  /** Only this server's own script and style; no frame, no form that goes elsewhere. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
          + "require-trusted-types-for 'script'; trusted-types 'none'";

  private static final Map<String, String> TYPES =
      Map.of(
          "index.html", "text/html; charset=utf-8",
          "console.css", "text/css; charset=utf-8",
          "console.js", "text/javascript; charset=utf-8",
          "icon.svg", "image/svg+xml");

  private static final Set<String> LOCAL_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Vertx vertx;
  private final States source;
  private final @Nullable Viewers viewers;
  private final boolean secure;
  private final Map<String, Buffer> files;

  /** Requests that wait for a state or a review. */
  private final Semaphore waiting = new Semaphore(MOST_WAITING);

  /**
   * Answers requests.
   *
   * @param viewers who may see the state; null: everybody who reaches the port, which is then a
   *     loopback one
   * @param secure whether the port has TLS
   */
  ConsolePages(Vertx vertx, States source, @Nullable Viewers viewers, boolean secure) {
    this.vertx = vertx;
    this.source = source;
    this.viewers = viewers;
    this.secure = secure;
    this.files = new java.util.HashMap<>();
    for (String name : TYPES.keySet()) {
      files.put(name, read(name));
    }
  }

  private static Buffer read(String name) {
    try (InputStream in = ConsolePages.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the package lacks the console's " + name);
      }
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException("the console's " + name + " can't be read", e);
    }
  }

  void handle(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin")
        .putHeader("Cache-Control", "no-store");
    // A page of somebody else's, under a name that he has made to mean this machine, must not read
    // what is open to everybody here.
    if (viewers == null && !isLocal(request)) {
      end(request, 421, "Ask for localhost or 127.0.0.1 here.");
      return;
    }
    String path = request.path();
    if (SESSION.equals(path)) {
      session(request);
    } else if (!HttpMethod.GET.equals(request.method())
        && !HttpMethod.HEAD.equals(request.method())) {
      response.putHeader("Allow", "GET, HEAD");
      end(request, 405, "The console is read-only.");
    } else if (ConsoleServer.STATE.equals(path)) {
      state(request);
    } else if ("/".equals(path) || "/console".equals(path)) {
      response.putHeader("Location", ROOT);
      end(request, 302, "The console is at " + ROOT);
    } else {
      file(request, path);
    }
  }

  private static boolean isLocal(HttpServerRequest request) {
    return request.authority() != null
        && LOCAL_NAMES.contains(request.authority().host().toLowerCase(Locale.ROOT));
  }

  private void file(HttpServerRequest request, @Nullable String path) {
    String name =
        path == null || !path.startsWith(ROOT)
            ? ""
            : path.equals(ROOT) ? "index.html" : path.substring(ROOT.length());
    Buffer content = files.get(name);
    String type = TYPES.get(name);
    if (content == null || type == null) {
      end(request, 404, "There is no such page here; the console is at " + ROOT);
      return;
    }
    request.response().putHeader("Content-Type", type).end(content);
  }

  private void state(HttpServerRequest request) {
    String token = token(request);
    work(
        request,
        () -> {
          if (viewers != null) {
            if (token == null) {
              return Answer.of(401, "Show a token: Authorization: Bearer …, or sign in.");
            }
            Answer refused = refusal(viewers.judge(token));
            if (refused != null) {
              return refused;
            }
          }
          try {
            if (viewers != null && request.getHeader("Authorization") == null) {
              // So the page knows that there is something to sign out of.
              request.response().putHeader("Fareway-Session", "cookie");
            }
            return new Answer(200, "application/json", Buffer.buffer(source.json()), null);
          } catch (IOException e) {
            return Answer.of(503, String.valueOf(e.getMessage()));
          }
        });
  }

  /** Signs in: the token, if it is good, becomes a cookie that no script can read. */
  private void session(HttpServerRequest request) {
    if (HttpMethod.DELETE.equals(request.method())) {
      request.response().addCookie(cookie("").setMaxAge(0));
      end(request, 204, "");
      return;
    }
    if (!HttpMethod.POST.equals(request.method())) {
      request.response().putHeader("Allow", "POST, DELETE");
      end(request, 405, "POST a token to sign in, DELETE to sign out.");
      return;
    }
    if (viewers == null) {
      end(request, 204, "");
      return;
    }
    Viewers judges = viewers;
    Buffer body = Buffer.buffer();
    request.handler(
        part -> {
          if (body.length() + part.length() > MOST_TOKEN) {
            request.handler(null);
            end(request, 413, "That is too long for a token.");
          } else {
            body.appendBuffer(part);
          }
        });
    request.endHandler(
        _ -> {
          if (request.response().ended()) {
            return;
          }
          String token = body.toString(StandardCharsets.UTF_8).strip();
          if (token.length() > MOST_COOKIE || !isToken(token)) {
            end(
                request,
                400,
                "That is no token this page can keep. Make one with: kubectl create token");
            return;
          }
          work(
              request,
              () -> {
                Answer refused = refusal(judges.judge(token));
                return refused != null
                    ? refused
                    : new Answer(
                        204,
                        "text/plain",
                        Buffer.buffer(),
                        cookie(token).setMaxAge(SESSION_SECONDS));
              });
        });
  }

  private static @Nullable Answer refusal(Viewers.Verdict verdict) {
    return switch (verdict) {
      case Viewers.Verdict.Allowed _ -> null;
      case Viewers.Verdict.Unknown() ->
          Answer.of(
              401, "The API server does not know this token, or it is over, or not for this.");
      case Viewers.Verdict.Forbidden(String user) ->
          Answer.of(
              403,
              "%s may not get %s. A ClusterRole with that non-resource URL allows it."
                  .formatted(user, ConsoleServer.STATE));
      case Viewers.Verdict.Unsure(String why) -> Answer.of(503, why);
    };
  }

  private Cookie cookie(String value) {
    return Cookie.cookie(COOKIE, value)
        .setPath(ROOT)
        .setHttpOnly(true)
        .setSecure(secure)
        .setSameSite(CookieSameSite.STRICT);
  }

  /** The token that a request shows; null if it shows none. */
  private static @Nullable String token(HttpServerRequest request) {
    String header = request.getHeader("Authorization");
    if (header != null) {
      return header.startsWith(BEARER) && isToken(header.substring(BEARER.length()))
          ? header.substring(BEARER.length())
          : null;
    }
    Cookie cookie = request.getCookie(COOKIE);
    return cookie == null || !isToken(cookie.getValue()) ? null : cookie.getValue();
  }

  /** As RFC 6750 writes a token. */
  private static boolean isToken(String text) {
    return text.length() <= MOST_TOKEN && text.matches("[A-Za-z0-9._~+/-]+=*");
  }

  /**
   * An answer that was waited for.
   *
   * @param cookie to be set with it; null: none
   */
  private record Answer(int status, String type, Buffer body, @Nullable Cookie cookie) {
    static Answer of(int status, String message) {
      return new Answer(status, "text/plain; charset=utf-8", Buffer.buffer(message + "\n"), null);
    }
  }

  private interface Work {
    Answer answer() throws InterruptedException;
  }

  /** Off the event loop, and not more at once than this operator can bear. */
  private void work(HttpServerRequest request, Work work) {
    if (!waiting.tryAcquire()) {
      request.response().putHeader("Retry-After", "2");
      end(request, 503, "Too many ask at once; try again.");
      return;
    }
    vertx
        .executeBlocking(work::answer, false)
        .onComplete(
            done -> {
              waiting.release();
              Answer answer = done.result();
              if (answer == null) {
                LOG.errorf(done.cause(), "A request to the console could not be answered");
                end(request, 500, "That could not be answered; the operator's log says why.");
                return;
              }
              if (answer.cookie != null) {
                request.response().addCookie(answer.cookie);
              }
              if (answer.status == 401) {
                request.response().putHeader("WWW-Authenticate", "Bearer");
              }
              end(request, answer.status, answer.type, answer.body);
            });
  }

  private static void end(HttpServerRequest request, int status, String message) {
    end(
        request,
        status,
        "text/plain; charset=utf-8",
        Buffer.buffer(message.isEmpty() ? "" : message + "\n"));
  }

  private static void end(HttpServerRequest request, int status, String type, Buffer body) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(status);
    if (status == 204) {
      response.end();
    } else {
      response.putHeader("Content-Type", type).end(body);
    }
  }
}
