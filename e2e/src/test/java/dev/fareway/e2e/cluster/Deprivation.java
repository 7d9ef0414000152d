package dev.fareway.e2e.cluster;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Takes all rights of a part away, and gives each back as soon as a request was refused for want of
 * it, so that the part gets as far as the next. What is asked for at the start alone is asked for
 * again by starting the part anew.
 *
 * <p>Where no right is granted twice, and the part asks for each when it has them all, that is as
 * good as taking them away one at a time: the audit log tells which one a request was refused for.
 */
final class Deprivation {
  private static final long POLL_MILLIS = 100;

  /** So long nothing new may be refused before the part is put to work, or started anew. */
  private static final long QUIET_MILLIS = 4_000;

  /** The same for a part that only just starts, and for what showed nothing: on a busy machine. */
  private static final long PATIENT_MILLIS = 20_000;

  private final Audit audit;
  private final Roles roles;
  private final Part part;
  private final Set<Right> missing;
  private int starts;

  /** A part of which nothing runs yet. */
  interface Part {
    /**
     * Starts it.
     *
     * @param missing what it may not do: what came about once is to be undone for that
     */
    void start(Set<Right> missing) throws Exception;

    /** Brings about all that it asks for while it runs; may be said again and again. */
    void work() throws Exception;

    /** Whether it has not ended by itself. */
    boolean isAlive();

    /** Ends it, if it runs. */
    void stop() throws Exception;
  }

  private Deprivation(Audit audit, Roles roles, Set<Right> rights, Part part) {
    this.audit = audit;
    this.roles = roles;
    this.part = part;
    this.missing = new LinkedHashSet<>(rights);
  }

  /**
   * Does it; the roles are whole again when this returns.
   *
   * @return the rights for want of which nothing was refused
   */
  static Set<Right> notMissed(Audit audit, Roles roles, Set<Right> rights, Part part)
      throws Exception {
    var deprivation = new Deprivation(audit, roles, rights, part);
    long before = System.nanoTime();
    try {
      deprivation.run();
    } finally {
      part.stop();
      roles.without(Set.of());
    }
    System.out.printf(
        "%s: of %d rights that were taken away %d were missed, in %d starts and %d s%n",
        roles.account(),
        rights.size(),
        rights.size() - deprivation.missing.size(),
        deprivation.starts,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before));
    return deprivation.missing;
  }

  private void run() throws Exception {
    roles.without(missing);
    boolean patient = false;
    while (!missing.isEmpty()) {
      if (isSomethingRefused(patient)) {
        patient = false;
      } else if (patient) {
        return;
      } else {
        patient = true;
      }
    }
  }

  /** Whether something new was refused in one life of the part. */
  private boolean isSomethingRefused(boolean patient) throws Exception {
    long quiet = patient ? PATIENT_MILLIS : QUIET_MILLIS;
    starts++;
    // What came before is none of this.
    List<Audit.Entry> _ = audit.next();
    part.start(Set.copyOf(missing));
    boolean any = giveBack(patient ? quiet : 2 * quiet);
    boolean more = true;
    while (more && !missing.isEmpty() && part.isAlive()) {
      part.work();
      more = giveBack(quiet);
      any |= more;
    }
    part.stop();
    return giveBack(0) || any;
  }

  /**
   * Until nothing new is refused for so long.
   *
   * @return whether something was
   */
  private boolean giveBack(long quietMillis) throws Exception {
    boolean any = false;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(quietMillis);
    boolean last;
    do {
      // Before the log is read: what has ended writes no more.
      last = !part.isAlive();
      Set<Right> missed = new LinkedHashSet<>();
      for (Audit.Entry entry : audit.next()) {
        if (entry.account().equals(roles.account())) {
          missing.stream().filter(right -> right.isMissedBy(entry)).forEach(missed::add);
        }
      }
      if (!missed.isEmpty()) {
        System.out.printf("%s, start %d: refused %s%n", roles.account(), starts, missed);
        missing.removeAll(missed);
        roles.without(missing);
        any = true;
        end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(quietMillis);
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } while (!last && !missing.isEmpty() && System.nanoTime() < end);
    return any;
  }
}
