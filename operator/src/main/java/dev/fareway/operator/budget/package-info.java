/** Budgets: what was spent of them, and what follows from that. */
@NullMarked
package dev.fareway.operator.budget;

import org.jspecify.annotations.NullMarked;
