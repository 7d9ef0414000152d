/**
 * The admission webhook: prices functions as they are created, and hands their pods to our
 * scheduler.
 */
@NullMarked
package dev.fareway.operator.admission;

import org.jspecify.annotations.NullMarked;
