/** Reads functions, pods, nodes, price classes and budgets from the API server. */
@NullMarked
package dev.fareway.activator.kubernetes;

import org.jspecify.annotations.NullMarked;
