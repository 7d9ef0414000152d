/** The link to the autoscaler, against peers that misbehave. */
package dev.fareway.activator.autoscaler;
