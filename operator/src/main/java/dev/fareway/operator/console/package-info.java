/** The console: what the scheduler does, as a page for people and as JSON for programs. */
@NullMarked
package dev.fareway.operator.console;

import org.jspecify.annotations.NullMarked;
