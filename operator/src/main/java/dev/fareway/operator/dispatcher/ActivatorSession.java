package dev.fareway.operator.dispatcher;

import dev.fareway.protocol.v1.ActivatorHello;
import dev.fareway.protocol.v1.ActivatorMessage;
import dev.fareway.protocol.v1.ActivatorReply;
import dev.fareway.protocol.v1.ActivatorWelcome;
import dev.fareway.protocol.v1.PodRaise;
import dev.fareway.protocol.v1.RaiseRefused;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One activator's stream. Its messages come one after another, and are answered from there only.
 */
final class ActivatorSession implements StreamObserver<ActivatorMessage> {
  private static final Logger LOG = Logger.getLogger(ActivatorSession.class);
  private static final int MAX_MILLIS = 1000;

  private final ServerCallStreamObserver<ActivatorReply> out;
  private final Inheritance inheritance;

  /** Which activator the caller has proven to be; null where nothing is to be proven. */
  private final @Nullable String proven;

  private @Nullable String holder;
  private boolean ended;

  ActivatorSession(
      ServerCallStreamObserver<ActivatorReply> out,
      Inheritance inheritance,
      @Nullable String proven) {
    this.out = out;
    this.inheritance = inheritance;
    this.proven = proven;
  }

  @Override
  public void onNext(ActivatorMessage message) {
    if (ended) {
      return;
    }
    String as = holder;
    switch (message.getMessageCase()) {
      case HELLO -> {
        if (as == null) {
          open(message.getHello());
        } else {
          end(Status.FAILED_PRECONDITION.withDescription("a stream has one hello"));
        }
      }
      case RAISE -> {
        if (as == null) {
          withoutHello();
        } else {
          raise(as, message.getRaise());
        }
      }
      case LOWER -> {
        if (as == null) {
          withoutHello();
        } else {
          inheritance.lower(as, message.getLower().getPodUid());
        }
      }
      // A message of a later version: not for us.
      case MESSAGE_NOT_SET -> {}
    }
  }

  @Override
  public void onError(Throwable failure) {
    ended = true;
    LOG.debugf("The stream of %s broke: %s", holder, failure.getMessage());
  }

  @Override
  public void onCompleted() {
    if (!ended) {
      ended = true;
      out.onCompleted();
    }
  }

  private void open(ActivatorHello hello) {
    String name = hello.getActivator();
    if (name.isEmpty()) {
      end(Status.INVALID_ARGUMENT.withDescription("the hello names no activator"));
      return;
    }
    if (proven != null && !proven.equals(name)) {
      end(
          Status.PERMISSION_DENIED.withDescription(
              "the token is that of pod %s, the hello names %s".formatted(proven, name)));
      return;
    }
    int version = Math.min(hello.getMaxVersion(), DispatcherSession.MAX_VERSION);
    if (version < Math.max(hello.getMinVersion(), DispatcherSession.MIN_VERSION)) {
      end(
          Status.FAILED_PRECONDITION.withDescription(
              "the activator speaks protocol versions %d to %d, this operator %d to %d: bring both to one release"
                  .formatted(
                      hello.getMinVersion(),
                      hello.getMaxVersion(),
                      DispatcherSession.MIN_VERSION,
                      DispatcherSession.MAX_VERSION)));
      return;
    }
    holder = inheritance.holder(name);
    out.onNext(
        ActivatorReply.newBuilder()
            .setWelcome(
                ActivatorWelcome.newBuilder().setVersion(version).setReplica(inheritance.replica()))
            .build());
    LOG.infof("Activator %s is in session (version %s)", name, hello.getActivatorVersion());
  }

  private void raise(String as, PodRaise raise) {
    int millis = raise.getForMillis();
    if (millis < 1 || millis > MAX_MILLIS) {
      end(
          Status.INVALID_ARGUMENT.withDescription(
              "pod %s is raised for %s ms: it must be 1 to %d"
                  .formatted(raise.getPodUid(), Integer.toUnsignedString(millis), MAX_MILLIS)));
      return;
    }
    // What a slow activator can't take is not kept for it: it says each raise again.
    inheritance
        .raise(as, raise)
        .filter(_ -> out.isReady())
        .ifPresent(
            reason ->
                out.onNext(
                    ActivatorReply.newBuilder()
                        .setRefused(
                            RaiseRefused.newBuilder()
                                .setPodUid(raise.getPodUid())
                                .setReason(reason))
                        .build()));
  }

  private void withoutHello() {
    end(Status.FAILED_PRECONDITION.withDescription("a stream begins with a hello"));
  }

  private void end(Status status) {
    ended = true;
    out.onError(status.asException());
  }
}
