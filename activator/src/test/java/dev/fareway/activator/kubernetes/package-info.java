/** How Knative's objects are understood. */
package dev.fareway.activator.kubernetes;
