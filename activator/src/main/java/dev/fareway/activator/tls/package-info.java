/**
 * TLS between Knative's parts: what the activator shows, whom it believes, and whether it can work
 * with what it has.
 */
@NullMarked
package dev.fareway.activator.tls;

import org.jspecify.annotations.NullMarked;
