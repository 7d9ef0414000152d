/** Tests of the chart. */
@org.jspecify.annotations.NullUnmarked
package dev.fareway.chart;
