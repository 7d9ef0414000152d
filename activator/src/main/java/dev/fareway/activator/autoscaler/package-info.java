/** What the activator tells Knative's autoscaler. */
@NullMarked
package dev.fareway.activator.autoscaler;

import org.jspecify.annotations.NullMarked;
