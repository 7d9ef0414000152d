/** What the operator's program does once and ends: the chart's hooks, and its test. */
@NullMarked
package dev.fareway.operator.task;

import org.jspecify.annotations.NullMarked;
