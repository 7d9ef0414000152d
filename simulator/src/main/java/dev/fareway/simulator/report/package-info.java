/** What an experiment leaves: tables, charts, a page, a summary. */
@NullMarked
package dev.fareway.simulator.report;

import org.jspecify.annotations.NullMarked;
