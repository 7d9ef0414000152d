/** Global schedulers side by side: Fareway's own code, and the systems it is compared with. */
@NullMarked
package dev.fareway.simulator.scheduler;

import org.jspecify.annotations.NullMarked;
