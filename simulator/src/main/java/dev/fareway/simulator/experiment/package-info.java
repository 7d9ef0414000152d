/** The experiments: the paper's figures, comparisons and what-ifs. */
@NullMarked
package dev.fareway.simulator.experiment;

import org.jspecify.annotations.NullMarked;
