/** The ports that the operator listens on over HTTP. */
@NullMarked
package dev.fareway.operator.port;

import org.jspecify.annotations.NullMarked;
