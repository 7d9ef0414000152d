package dev.fareway.e2e.cluster;

import io.fabric8.kubeapitest.cert.CertManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * kube-apiserver with an etcd of its own, both on free loopback ports only.
 *
 * <p>kube-api-test finds and downloads their programs and makes their certificates. It is not used
 * to start them: it would have etcd, which asks for no password, listen on all networks.
 */
final class RealApiServer implements ApiServer {

  private static final Duration READY_BOUND = Duration.ofSeconds(60);

  /**
   * Keys and certificates by the names of their files: made once for all API servers of a process,
   * since that takes seconds, and forgotten with it.
   */
  private static final Map<String, byte[]> MADE = new HashMap<>();

  private final ApiServerBinaries binaries;
  private final Path folder;
  private final Path logFolder;
  private final CertManager certificates;
  private final int port;
  private final String etcdAddress;
  private final String peerAddress;
  private final List<String> more;
  private final Deque<ManagedProcess> processes = new ArrayDeque<>();
  private boolean closed;

  /**
   * Prepares one.
   *
   * @param folder for what it keeps, empty; removed at its end
   */
  RealApiServer(ApiServerBinaries binaries, Path folder, Path logFolder) {
    this(binaries, folder, logFolder, List.of());
  }

  /** With more arguments for kube-apiserver. */
  RealApiServer(ApiServerBinaries binaries, Path folder, Path logFolder, List<String> more) {
    this.more = List.copyOf(more);
    this.binaries = binaries;
    this.folder = folder;
    this.logFolder = logFolder;
    this.certificates = new CertManager(folder.toString());
    List<Integer> ports = FreePorts.find(3);
    this.port = ports.getFirst();
    this.etcdAddress = "http://127.0.0.1:" + ports.get(1);
    this.peerAddress = "http://127.0.0.1:" + ports.get(2);
  }

  @Override
  public void start() {
    makeCertificates();
    launch(this::etcd).waitReady(READY_BOUND);
    launch(this::server).waitReady(READY_BOUND);
  }

  private void makeCertificates() {
    synchronized (MADE) {
      try {
        for (Map.Entry<String, byte[]> file : MADE.entrySet()) {
          Files.write(folder.resolve(file.getKey()), file.getValue());
        }
        certificates.createCertificatesIfNeeded();
        for (String name :
            List.of(
                CertManager.API_SERVER_KEY_NAME,
                CertManager.API_SERVER_CERT_NAME,
                CertManager.CLIENT_KEY_NAME,
                CertManager.CLIENT_CERT_NAME)) {
          MADE.putIfAbsent(name, Files.readAllBytes(folder.resolve(name)));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("certificates can't be made in " + folder, e);
      }
    }
  }

  /**
   * Kills the API server as a crash would, and starts it again a while later; what it has stored is
   * still there. It serves when this returns.
   */
  void crash(Duration downFor) throws InterruptedException {
    ManagedProcess before;
    synchronized (this) {
      before = processes.peek();
    }
    if (before == null) {
      throw new IllegalStateException("the API server was not started");
    }
    ProcessHandle.of(before.pid()).ifPresent(ProcessHandle::destroyForcibly);
    Thread.sleep(downFor);
    launch(this::server).waitReady(READY_BOUND);
  }

  /** Under the lock, so that {@link #close} at any time finds all that was started. */
  private synchronized ManagedProcess launch(Supplier<ManagedProcess> start) {
    if (closed) {
      throw new LocalClusterException("the API server was closed while it started");
    }
    ManagedProcess process = start.get();
    processes.push(process);
    return process;
  }

  private ManagedProcess etcd() {
    return ManagedProcess.start(
        "etcd",
        List.of(
            binaries.program("etcd").toString(),
            "--data-dir=" + folder.resolve("etcd"),
            "--listen-client-urls=" + etcdAddress,
            "--advertise-client-urls=" + etcdAddress,
            "--listen-peer-urls=" + peerAddress,
            "--initial-advertise-peer-urls=" + peerAddress,
            "--initial-cluster=default=" + peerAddress,
            // What is kept is thrown away at the end.
            "--unsafe-no-fsync"),
        Map.of(),
        logFolder.resolve("etcd.log"),
        URI.create(etcdAddress + "/health"));
  }

  private ManagedProcess server() {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            binaries.program("kube-apiserver").toString(),
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--secure-port=" + port,
            "--etcd-servers=" + etcdAddress,
            "--tls-cert-file=" + certificates.getAPIServerCertPath(),
            "--tls-private-key-file=" + certificates.getAPIServerKeyPath(),
            "--client-ca-file=" + certificates.getClientCertPath(),
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-signing-key-file=" + certificates.getAPIServerKeyPath(),
            "--service-account-key-file=" + certificates.getAPIServerKeyPath(),
            // Nothing here makes the accounts and tokens that it would wait for.
            "--disable-admission-plugins=ServiceAccount",
            "--service-cluster-ip-range=10.0.0.0/24"));
    command.addAll(more);
    return ManagedProcess.start(
        "kube-apiserver",
        command,
        Map.of(),
        logFolder.resolve("kube-apiserver.log"),
        URI.create("https://127.0.0.1:" + port + "/readyz"),
        Path.of(certificates.getAPIServerCertPath()));
  }

  @Override
  public String description() {
    return "kube-apiserver " + binaries.version() + " with etcd";
  }

  @Override
  public String kubeconfig() {
    return """
        apiVersion: v1
        kind: Config
        clusters:
        - name: fareway
          cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}
        users:
        - name: fareway
          user: {client-certificate-data: %s, client-key-data: %s}
        contexts:
        - name: fareway
          context: {cluster: fareway, user: fareway, namespace: default}
        current-context: fareway
        """
        .formatted(
            port,
            base64(certificates.getAPIServerCertPath()),
            base64(certificates.getClientCertPath()),
            base64(certificates.getClientKeyPath()));
  }

  private static String base64(String file) {
    try {
      return Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    processes.forEach(ManagedProcess::close);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " can't be removed", e);
    }
  }
}
