/** The activator against real servers and clients: what Knative's components see of it. */
package dev.fareway.activator.conformance;
