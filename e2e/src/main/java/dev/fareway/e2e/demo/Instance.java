package dev.fareway.e2e.demo;

import dev.fareway.e2e.report.Placement;
import java.net.URI;

/**
 * A pod that serves requests.
 *
 * @param placement which it is and where it went
 * @param uri where it listens
 */
record Instance(Placement placement, URI uri) {}
