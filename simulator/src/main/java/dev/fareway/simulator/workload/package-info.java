/** What is invoked when: the paper's workload, and traces. */
@NullMarked
package dev.fareway.simulator.workload;

import org.jspecify.annotations.NullMarked;
