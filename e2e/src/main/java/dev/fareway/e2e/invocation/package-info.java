/** Functions behind the activator on a local cluster, for tests, benchmarks and the demo. */
@NullMarked
package dev.fareway.e2e.invocation;

import org.jspecify.annotations.NullMarked;
