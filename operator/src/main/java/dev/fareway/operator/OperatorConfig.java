package dev.fareway.operator;

import dev.fareway.scheduler.core.QueueDiscipline;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What can be set of the operator: properties {@code fareway.…}, or environment variables {@code
 * FAREWAY_…}.
 */
@ConfigMapping(prefix = "fareway")
public interface OperatorConfig {
  /**
   * Number of shards that the waiting pods are spread over, 1 or more; the key {@code shards} of
   * the ConfigMap {@code fareway-scheduler} goes before it, and may change at any time.
   */
  @WithDefault("4")
  int shards();

  /** Name of this replica; the host's name if it is not set. */
  Optional<String> replica();

  /** Namespace of the operator's own objects. */
  @WithDefault("fareway-system")
  String namespace();

  Certificates certificates();

  Webhook webhook();

  Dispatcher dispatcher();

  Activator activator();

  Poll poll();

  Queue queue();

  Bind bind();

  Budget budget();

  Console console();

  Archive archive();

  Leases leases();

  /**
   * Whether an instance that fits nowhere may have instances of cheaper classes evicted, as the
   * last resort.
   */
  @WithDefault("true")
  boolean preemption();

  /** TLS of the operator's ports. */
  interface Certificates {
    /**
     * Host names that clients know the operator by, separated by commas: for these it makes its own
     * certificate, and renews it. Not set: no port has TLS, unless the folder is set.
     */
    Optional<List<String>> names();

    /** Folder with tls.crt, tls.key and ca.crt, kept fresh by others, such as cert-manager. */
    Optional<String> folder();

    /** Secret that the replicas share the operator's own keys in. */
    @WithDefault("fareway-certificates")
    String secret();

    /** ConfigMap that tells node daemons whom to trust. */
    @WithDefault("fareway-ca")
    String configMap();

    /**
     * Namespaces beside the operator's own in which the ConfigMap of that name is kept up to date,
     * separated by commas: an activator in Knative's namespace reads it there.
     */
    Optional<List<String>> configMapNamespaces();

    /** How often it is looked whether something is to be renewed, or was by another replica. */
    @WithDefault("PT1M")
    Duration period();
  }

  /** The admission webhook. */
  interface Webhook {
    /** TCP port, 0: a free one. Not set: there is no webhook. */
    Optional<Integer> port();

    /** Address to listen on. */
    @WithDefault("127.0.0.1")
    String host();

    /** MutatingWebhookConfiguration that is told the operator's certificate authority. */
    Optional<String> configuration();

    /** Namespaces whose objects pass as they are, separated by commas. */
    @WithDefault("kube-system")
    Set<String> exemptNamespaces();
  }

  /** The port for the node daemons. */
  interface Dispatcher {
    /** Address to listen on. Without TLS anything but loopback is refused. */
    @WithDefault("127.0.0.1")
    String host();

    /** TCP port; 0: a free one. */
    @WithDefault("9480")
    int port();

    /** What the node daemons' tokens must be made for. Under TLS each session must show one. */
    @WithDefault("fareway-dispatcher")
    String audience();

    /** The node daemons' service account, in the operator's namespace. */
    @WithDefault("fareway-node-daemon")
    String serviceAccount();

    /**
     * {@code HOST:PORT} by which node daemons reach this replica; what it listens on if not set.
     */
    Optional<String> advertised();

    /** An idle-list entry that was not renewed for so long expires. */
    @WithDefault("PT15S")
    Duration entryTtl();
  }

  /** Activators, which speak to the same port as node daemons. */
  interface Activator {
    /** What their tokens must be made for. Under TLS each stream must show one. */
    @WithDefault("fareway-activator")
    String audience();

    /**
     * Their service accounts, {@code NAMESPACE/NAME}, separated by commas. In Knative's place an
     * activator has Knative's namespace and account.
     */
    @WithDefault("fareway-system/fareway-activator")
    List<String> serviceAccounts();
  }

  /** Asking nodes for their load. */
  interface Poll {
    /** How many nodes are asked when the idle list has none, 1 or more. */
    @WithDefault("3")
    int k();

    /** Who has not answered by then is judged by what it last said. */
    @WithDefault("PT0.005S")
    Duration deadline();
  }

  /** The queue of waiting pods. */
  interface Queue {
    /** Which head is next: price-times-wait or strict-price. */
    @WithDefault("price-times-wait")
    QueueDiscipline discipline();

    /** How many pods may wait in a shard. */
    @WithDefault("1000000")
    int limit();
  }

  /** Sharing the shards out among replicas. */
  interface Leases {
    /**
     * A shard whose Lease was not renewed for so long is another replica's to take. Seconds, 3 or
     * more.
     */
    @WithDefault("PT15S")
    Duration duration();
  }

  /** Judging budgets. */
  interface Budget {
    /** How often each budget is judged. */
    @WithDefault("PT10S")
    Duration period();

    /**
     * How often figures are written to a budget's status at most. A change of its state is written
     * at once.
     */
    @WithDefault("PT1M")
    Duration statusPeriod();

    /**
     * Thousandths of a CPU that a running instance may use while its budget says Throttle because
     * spending is ahead of the month, 1 to 1000000.
     */
    @WithDefault("100")
    int aheadCpuMillis();

    /** The same once the monthly limit is reached. One thousandth is the least that Linux takes. */
    @WithDefault("1")
    int exhaustedCpuMillis();

    /**
     * Throttled instances are evicted once so many thousandths of the monthly limit are spent
     * beyond it, since the memory that they hold costs all the same. Negative: never.
     */
    @WithDefault("5")
    int evictBeyond();

    /** How many pods a second are told, or evicted, at most, 5 or more. */
    @WithDefault("100")
    int podWritesPerSecond();
  }

  /** Archiving the usage of past months. */
  interface Archive {
    /** How often it is looked whether something is to be archived. */
    @WithDefault("PT10M")
    Duration period();

    /** How many writes there are a second at most, 1 to 1000. */
    @WithDefault("10")
    int writesPerSecond();
  }

  /** The page that shows what the scheduler does. */
  interface Console {
    /** TCP port, 0: a free one. Not set: there is no console. */
    Optional<Integer> port();

    /**
     * Address to listen on. Beyond loopback there must be TLS, and whoever asks must show a token
     * of somebody who may {@code get} the non-resource URL {@code /console/state}.
     */
    @WithDefault("127.0.0.1")
    String host();

    /** Whether a token is asked for on a loopback address, too. */
    @WithDefault("false")
    boolean authenticate();

    /**
     * What tokens must be made for, separated by commas; a token is taken that is for one of them.
     */
    @WithDefault("fareway-console")
    List<String> audiences();
  }

  /** Writing decisions to the API server. */
  interface Bind {
    /** Bindings under way at once, 1 or more. */
    @WithDefault("64")
    int maxInFlight();

    /** A binding without an answer for so long counts as failed. */
    @WithDefault("PT10S")
    Duration timeout();
  }
}
