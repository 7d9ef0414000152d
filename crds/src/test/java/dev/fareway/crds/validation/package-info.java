/**
 * Manifests that must be accepted or refused, and an API server's judgement of them in process.
 *
 * <p>Packaged as a test jar: {@link dev.fareway.crds.validation.Samples} needs nothing but
 * fabric8's client, so that the same files can be put to a real API server.
 */
@NullMarked
package dev.fareway.crds.validation;

import org.jspecify.annotations.NullMarked;
