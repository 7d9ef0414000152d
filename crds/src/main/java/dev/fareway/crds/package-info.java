/**
 * What users write and read: price classes, budgets and the usage of each node, as Java types.
 *
 * <p>The custom resource definitions in {@code crds/manifests/} are generated from these types.
 * This package depends on nothing else of Fareway.
 */
@NullMarked
package dev.fareway.crds;

import org.jspecify.annotations.NullMarked;
