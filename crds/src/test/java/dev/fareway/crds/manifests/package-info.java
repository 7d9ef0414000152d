/** Generates the manifests in {@code crds/manifests/} and checks that they are up to date. */
@NullMarked
package dev.fareway.crds.manifests;

import org.jspecify.annotations.NullMarked;
