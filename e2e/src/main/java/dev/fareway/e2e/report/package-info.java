/** What the demo says at its end: a table, a page with plots, and the same as JSON. */
@NullMarked
package dev.fareway.e2e.report;

import org.jspecify.annotations.NullMarked;
