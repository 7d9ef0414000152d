package dev.fareway.e2e.cluster;

/** Which API server a local cluster has. */
public enum ApiServerKind {
  /** kube-apiserver with etcd. */
  REAL,
  /** One in this process that knows what Fareway needs of an API server. */
  MOCK,
  /** The real one where its programs are or can be had, else the mock. */
  AUTO
}
