/** What TLS between Knative's parts rests on. */
package dev.fareway.activator.tls;
